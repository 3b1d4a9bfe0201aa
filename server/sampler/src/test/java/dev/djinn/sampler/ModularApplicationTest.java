package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import java.nio.file.Path;
import java.util.List;
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
            System.out.println("natives in " + System.getProperty("onnxruntime.native.path"));
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
            "requires dev.djinn.sampler;",
            MAIN);
    String asModule = application.runOnTheModulePath(model.toString());
    assertTrue(asModule.contains("natives in " + folder), asModule);
    assertTrue(asModule.contains("module dev.djinn.sampler"), asModule);
    // What no run repeats: the picture's identity.
    String other =
        application.runOnTheClassPath(model.toString()).replace("null", "dev.djinn.sampler");
    assertEquals(other.replaceAll("@\\w+", ""), asModule.replaceAll("@\\w+", ""));
  }
}
