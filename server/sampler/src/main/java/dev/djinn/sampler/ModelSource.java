package dev.djinn.sampler;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where a model comes from: a file of any file system, or bytes. */
final class ModelSource {
  private final String name;

  /** Null for bytes. */
  private final Path file;

  /** Null for a file. */
  private final byte[] bytes;

  private ModelSource(String name, Path file, byte[] bytes) {
    this.name = name;
    this.file = file;
    this.bytes = bytes;
  }

  static ModelSource of(Path file) {
    return new ModelSource(file.toString(), file, null);
  }

  static ModelSource of(byte[] bytes) {
    return new ModelSource("the model of " + bytes.length + " bytes", null, bytes);
  }

  /** {@return what messages call it} */
  String name() {
    return name;
  }

  /** {@return what lies beside it and describes it, if it is a file and there is such} */
  Optional<ForeignModel> description() {
    return file == null ? Optional.empty() : ModelDescription.beside(file);
  }

  /** Opens a session of it. */
  OrtSession open(OrtEnvironment environment, SessionOptions settings) throws OrtException {
    if (file == null) {
      OnnxFile graph = OnnxFile.read(ByteBuffer.wrap(bytes));
      if (!graph.externalFiles().isEmpty()) {
        throw SamplerException.invalidModel(
            name
                + " has weights in "
                + String.join(", ", graph.externalFiles())
                + ", which bytes alone do not bring: open it by its file");
      }
      return environment.createSession(bytes, settings);
    }
    if (!Files.isRegularFile(file)) {
      throw new SamplerException(Reason.NOT_FOUND, "no model file " + file);
    }
    try {
      if (Files.size(file) == 0) {
        throw SamplerException.invalidModel(file + " is not an ONNX model: it is empty");
      }
      try (var in = Files.newInputStream(file)) {
        in.read(); // It may not be readable.
      }
      if (file.getFileSystem().equals(FileSystems.getDefault())) {
        return environment.createSession(file.toAbsolutePath().toString(), settings);
      }
      return openCopy(environment, settings);
    } catch (IOException e) {
      throw new SamplerException(
          Reason.INVALID_MODEL, "cannot read " + file + ": " + FileProblem.reason(e), e);
    }
  }

  /** ONNX Runtime reads files of the default file system only, and weights outside need one. */
  private OrtSession openCopy(OrtEnvironment environment, SessionOptions settings)
      throws IOException, OrtException {
    ModelParts parts = ModelParts.of(file);
    if (parts.external().isEmpty()) {
      return environment.createSession(Files.readAllBytes(file), settings);
    }
    Path folder = Files.createTempDirectory("djinn-model");
    try {
      for (Path part : parts.files()) {
        Path relative = file.toAbsolutePath().getParent().relativize(part.toAbsolutePath());
        Path copy = folder.resolve(relative.toString());
        Files.createDirectories(copy.getParent());
        Files.copy(part, copy);
      }
      return environment.createSession(
          folder.resolve(file.getFileName().toString()).toString(), settings);
    } finally {
      PrivateFolder.delete(folder);
    }
  }
}
