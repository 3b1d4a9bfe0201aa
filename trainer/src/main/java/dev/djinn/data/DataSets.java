package dev.djinn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Opens images to train on by name or path.
 *
 * <pre>{@code
 * ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
 * }</pre>
 */
public final class DataSets {
  /** The set that Djinn carries: 10,000 MNIST digits, 28×28, grey. */
  public static final String DEFAULT = "mnist-10k";

  static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  private DataSets() {}

  /**
   * Reads a whole set into memory.
   *
   * @param nameOrPath a known name, or a file or folder; a name wins over a file of the same name,
   *     which is then {@code ./name}
   * @throws UnknownDataException if it is neither
   * @throws DataException if it cannot be found, read or used
   */
  public static ImageSet open(String nameOrPath, DataOptions options) {
    if (nameOrPath.equals(DEFAULT)) {
      return embedded();
    }
    Path path = Path.of(nameOrPath);
    if (!Files.exists(path)) {
      throw new UnknownDataException(
          "no data set, file or folder is called '%s'; known data sets: %s"
              .formatted(nameOrPath, DEFAULT));
    }
    return IdxReader.read(
        path.getFileName().toString(), IdxReader.Source.of(path), labelsBeside(path), List.of());
  }

  private static Optional<IdxReader.Source> labelsBeside(Path images) {
    String file = images.getFileName().toString();
    String labels = file.replace("images-idx3", "labels-idx1");
    Path beside = images.resolveSibling(labels);
    return labels.equals(file) || !Files.exists(beside)
        ? Optional.empty()
        : Optional.of(IdxReader.Source.of(beside));
  }

  private static ImageSet embedded() {
    return IdxReader.read(
        DEFAULT,
        resource("mnist-10k/images-idx3-ubyte.gz"),
        Optional.of(resource("mnist-10k/labels-idx1-ubyte.gz")),
        DIGITS);
  }

  private static IdxReader.Source resource(String path) {
    try (InputStream in = DataSets.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new DataException(
            "%s is missing from Djinn's own files: build again".formatted(path));
      }
      byte[] bytes = in.readAllBytes();
      return new IdxReader.Source(
          path, bytes.length, () -> new java.io.ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw Failures.reading(path, e);
    }
  }
}
