package dev.djinn.server;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.TestModels;
import java.nio.file.Path;

/** Repositories of small real generators, for tests. */
final class ServedModels {

  private ServedModels() {}

  /** {@code plain} in the versions 1 and 2, and {@code labelled} in version 1. */
  static Path repository(Path folder) {
    write(folder, "plain", 1, TestModels.UNCONDITIONAL);
    write(folder, "plain", 2, TestModels.UNCONDITIONAL);
    write(folder, "labelled", 1, TestModels.CONDITIONAL);
    return folder;
  }

  static Path write(Path repository, String name, int version, GeneratorContract contract) {
    Path folder = repository.resolve(name).resolve(Integer.toString(version));
    return TestModels.write(folder, contract);
  }

  static ServerOptions options() {
    return ServerOptions.defaults().withPort(0);
  }
}
