package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

class ModularApplicationTest {
  private static final String MAIN =
      """
      package application;

      import dev.djinn.sampler.Sampler;
      import dev.djinn.sampler.SampleRequest;
      import java.nio.file.Path;

      public final class Main {
        public static void main(String[] arguments) {
          try (Sampler sampler = Sampler.open(Path.of(arguments[0]))) {
            System.out.println(sampler.sample(SampleRequest.of(3).withSeed(7)).toGrid(3));
            System.out.println(sampler.providerReason());
            System.out.println("module " + Sampler.class.getModule().getName());
          }
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void samplesOnTheModulePathAsOnTheClassPath() throws Exception {
    Path model = TestModels.write(folder.resolve("model"), TestModels.UNCONDITIONAL);
    ModularApplication application =
        new ModularApplication(
            folder,
            List.of(
                ModularApplication.placeOf(Sampler.class),
                ModularApplication.placeOf(OrtEnvironment.class),
                ModularApplication.placeOf(Logger.class)),
            "requires dev.djinn.sampler; requires java.desktop;",
            MAIN);
    String asModule = application.runOnTheModulePath(model.toString());
    try (Stream<Path> natives = Files.list(folder.resolve("cache/natives"))) {
      assertEquals(1, natives.count()); // found in ONNX Runtime's jar, and unpacked
    }
    assertTrue(asModule.contains("module dev.djinn.sampler"), asModule);
    // No run repeats the picture's identity.
    String other =
        application.runOnTheClassPath(model.toString()).replace("null", "dev.djinn.sampler");
    assertEquals(other.replaceAll("@\\w+", ""), asModule.replaceAll("@\\w+", ""));
  }
}
