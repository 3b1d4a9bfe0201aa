package dev.djinn.exporter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows that the trainer's and the server's own tests do not hold. */
class ModuleArrowsTest {
  private final JavaClasses djinn =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.djinn");

  @Test
  void graphKnowsNoEngineAndNoOtherModule() {
    noClasses()
        .that()
        .resideInAPackage("dev.djinn.graph..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "ai.djl..",
            "ai.onnxruntime..",
            "dev.djinn.exporter..",
            "dev.djinn.trainer..",
            "dev.djinn.network..",
            "dev.djinn.torch..",
            "dev.djinn.data..",
            "dev.djinn.report..",
            "dev.djinn.files..",
            "dev.djinn.settings..",
            "dev.djinn.run..",
            "dev.djinn.step..",
            "dev.djinn.evaluation..",
            "dev.djinn.sampler..",
            "dev.djinn.server..")
        .check(djinn);
  }
}
