package dev.djinn.evaluation;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.names.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which classifier looks at which pictures. */
public final class Classifiers {
  /** The data sets that Djinn carries a classifier for. */
  public static final List<String> KNOWN = List.of("mnist", "fashion-mnist");

  private Classifiers() {}

  /**
   * The carried classifier for a data set: the one of the set that it is named after or drawn from,
   * as {@code mnist} for {@code mnist-10k}, {@code stacked-mnist} and a folder called {@code
   * mnist}.
   *
   * @param data a data set as {@code --data} takes it
   * @return a name of {@link #KNOWN}, empty if there is none
   */
  public static Optional<String> of(String data) {
    String base = data.substring(data.lastIndexOf(':') + 1);
    String name = String.valueOf(Path.of(base).getFileName());
    return switch (name) {
      case "mnist", "mnist-10k", "mnist-test", "stacked-mnist" -> Optional.of("mnist");
      case "fashion-mnist", "fashion-mnist-test" -> Optional.of("fashion-mnist");
      default -> Optional.empty();
    };
  }

  /**
   * Names a classifier so that it is found from any working folder: a known name as it is, a file
   * in full.
   *
   * @param nameOrFile what {@link #open} takes
   * @return the same classifier
   */
  public static String portable(String nameOrFile) {
    return KNOWN.contains(nameOrFile) || nameOrFile.equals(RandomFeatures.NAME)
        ? nameOrFile
        : Path.of(nameOrFile).toAbsolutePath().normalize().toString();
  }

  /**
   * What to look at pictures with: the carried classifier of their data if it fits them, else
   * random features.
   *
   * @param data the data set
   * @param real its pictures
   * @return a name that {@link #extractor} takes
   */
  public static String best(String data, ImageSet real) {
    // The carried ones are of 28×28 grey pictures of ten classes, or three of them as channels.
    int classes = real.channels() == 3 ? 1000 : 10;
    boolean fits =
        real.height() == 28
            && real.width() == 28
            && (real.classes().isEmpty() || real.classes().size() == classes);
    return of(data).filter(name -> fits).orElse(RandomFeatures.NAME);
  }

  /**
   * Opens what looks at pictures.
   *
   * @param name {@value RandomFeatures#NAME}, or what {@link #open} takes
   * @param real the pictures
   * @param manager its parent
   * @return the caller closes it
   * @throws IllegalArgumentException if it is neither
   * @throws dev.djinn.run.TrainingException if a file is not a classifier's
   */
  public static FeatureExtractor extractor(String name, ImageSet real, NDManager manager) {
    return name.equals(RandomFeatures.NAME)
        ? new RandomFeatures(real.channels(), real.height(), real.width(), manager)
        : open(name, manager);
  }

  /**
   * Opens a classifier.
   *
   * @param nameOrFile a name of {@link #KNOWN}, or a file that {@code djinn classifier} wrote
   * @param manager its parent
   * @return the classifier; the caller closes it
   * @throws IllegalArgumentException if it is neither
   * @throws dev.djinn.run.TrainingException if the file is not a classifier's
   */
  public static Classifier open(String nameOrFile, NDManager manager) {
    try {
      if (KNOWN.contains(nameOrFile)) {
        String resource = nameOrFile + ".safetensors";
        try (InputStream in = Classifiers.class.getResourceAsStream(resource)) {
          return Classifier.parse(resource, in.readAllBytes(), manager);
        }
      }
      Path file = Path.of(nameOrFile);
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            Names.unknown(
                    "classifier",
                    nameOrFile,
                    List.of(KNOWN.get(0), KNOWN.get(1), RandomFeatures.NAME))
                + "; or give a file made by djinn classifier");
      }
      return Classifier.parse(nameOrFile, Files.readAllBytes(file), manager);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
