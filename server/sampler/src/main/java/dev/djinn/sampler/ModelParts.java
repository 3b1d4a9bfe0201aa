package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All files that a model consists of: the {@code .onnx} file and those that it names for its
 * weights. What is one model changes with any of them.
 *
 * @param file the {@code .onnx} file
 * @param external the files of its weights, in the order of their names; mostly none
 */
public record ModelParts(Path file, List<Path> external) {
  /** The largest sum file that is read. */
  private static final int LARGEST_SUMS = 1 << 20;

  /** Copies the list. */
  public ModelParts {
    external = List.copyOf(external);
  }

  /**
   * Looks into a model for the files that it names.
   *
   * @param file the {@code .onnx} file
   * @return it and its weights' files, which need not exist
   * @throws SamplerException if it is no ONNX file, or names a file outside of its folder
   * @throws IOException if it cannot be read
   */
  public static ModelParts of(Path file) throws IOException {
    OnnxFile graph;
    try {
      graph = OnnxFile.read(bytes(file));
    } catch (SamplerException e) {
      throw new SamplerException(e.reason(), file + ": " + e.getMessage(), e);
    }
    return of(file, graph);
  }

  /** Gives the files of a model that has been looked into. */
  static ModelParts of(Path file, OnnxFile graph) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    List<Path> external = new ArrayList<>();
    for (String name : graph.externalFiles()) {
      Path part;
      try {
        part = folder.resolve(name).normalize();
      } catch (InvalidPathException e) {
        throw outside(file, name);
      }
      if (!part.startsWith(folder) || part.equals(folder)) {
        throw outside(file, name);
      }
      external.add(part);
    }
    return new ModelParts(file, external);
  }

  private static SamplerException outside(Path file, String name) {
    return SamplerException.invalidModel(
        file + " names weights in '" + name + "', which is not a file of its own folder");
  }

  private static ByteBuffer bytes(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new SamplerException(Reason.NOT_FOUND, "no model file " + file);
    }
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE) {
      throw SamplerException.invalidModel("its " + size + " bytes are more than ONNX allows");
    }
    if (!file.getFileSystem().equals(FileSystems.getDefault())) {
      return ByteBuffer.wrap(Files.readAllBytes(file));
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
  }

  /** {@return all files, the {@code .onnx} file first} */
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(file);
    files.addAll(external);
    return files;
  }

  /**
   * Hashes the model: its file's SHA-256, or, of one with weights outside, that of the lines which
   * {@code sha256sum} writes of all its files in this order.
   *
   * @return in hexadecimal
   * @throws IOException if a file cannot be read
   */
  public String hash() throws IOException {
    if (external.isEmpty()) {
      return Sha256.hex(file);
    }
    StringBuilder lines = new StringBuilder();
    for (Path part : files()) {
      lines.append(Sha256.hex(part)).append("  ").append(name(part)).append('\n');
    }
    return Sha256.hex(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Holds the model to the sum file beside it, if there is one: each of its files must be there
   * with its SHA-256.
   *
   * @throws SamplerException if one is missing there or is another
   * @throws IOException if a file cannot be read
   */
  public void checkSums() throws IOException {
    Path sums = ModelFiles.sumFile(file);
    if (!Files.exists(sums)) {
      return;
    }
    Map<String, String> expected = sums(sums);
    for (Path part : files()) {
      // A sum alone is the file's that the sum file is named after.
      String sum = expected.getOrDefault(name(part), part.equals(file) ? expected.get("") : null);
      if (sum == null) {
        throw SamplerException.invalidModel(
            sums + " does not list " + name(part) + ", which is part of the model");
      }
      String actual = Sha256.hex(part);
      if (!sum.equalsIgnoreCase(actual)) {
        throw SamplerException.invalidModel(
            part + " is not the file that " + sums + " describes: its SHA-256 is " + actual);
      }
    }
  }

  /** Reads sums by file; the first line's also without its name, since a model may be renamed. */
  private static Map<String, String> sums(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_SUMS) {
      throw SamplerException.invalidModel(
          file + " is no file of SHA-256 sums: it is no regular file or above 1 MiB");
    }
    Map<String, String> sums = new LinkedHashMap<>();
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    for (String line : text.lines().filter(one -> !one.isBlank()).toList()) {
      String[] parts = line.strip().split("\\s+[*]?", 2);
      if (!parts[0].matches("[0-9a-fA-F]{64}")) {
        throw SamplerException.invalidModel(file + " does not begin with a SHA-256 in hexadecimal");
      }
      sums.putIfAbsent("", parts[0]);
      if (parts.length > 1) {
        byte[] name = parts[1].getBytes(StandardCharsets.ISO_8859_1);
        sums.putIfAbsent(new String(name, StandardCharsets.UTF_8), parts[0]);
      }
    }
    if (sums.isEmpty()) {
      throw SamplerException.invalidModel(file + " does not begin with a SHA-256 in hexadecimal");
    }
    return sums;
  }

  /**
   * Sizes and times of the model's files, of their sums and of the description beside them: what
   * changes when any of them does.
   *
   * @return a text to be compared
   * @throws IOException if a file cannot be looked at
   */
  public String stamp() throws IOException {
    StringBuilder stamp = new StringBuilder(stampOf(file));
    for (Path part : external) {
      stamp.append(", ").append(name(part)).append(' ').append(stampOf(part));
    }
    for (Path beside : List.of(ModelFiles.sumFile(file), ModelDescription.file(file))) {
      if (Files.exists(beside)) {
        stamp.append(", ").append(beside.getFileName()).append(' ').append(stampOf(beside));
      }
    }
    return stamp.toString();
  }

  private static String stampOf(Path file) throws IOException {
    return Files.size(file) + " bytes of " + Files.getLastModifiedTime(file);
  }

  private String name(Path part) {
    if (part.equals(file)) {
      return String.valueOf(file.getFileName());
    }
    return file.toAbsolutePath().normalize().getParent().relativize(part).toString();
  }
}
