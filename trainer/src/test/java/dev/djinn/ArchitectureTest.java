package dev.djinn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between packages and modules. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.djinn");

  @Test
  void trainerKnowsNeitherExporterNorServer() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.djinn.exporter..",
            "dev.djinn.graph..",
            "dev.djinn.sampler..",
            "dev.djinn.server..",
            "ai.onnxruntime..")
        .check(CLASSES);
  }

  @Test
  void dataAndPicturesKnowNoEngine() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.djinn.data..", "dev.djinn.report..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..", "dev.djinn.network..", "dev.djinn.trainer..", "picocli..")
        .check(CLASSES);
  }

  @Test
  void networksKnowNoTraining() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.djinn.network..", "dev.djinn.torch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.djinn.trainer..", "dev.djinn.data..", "dev.djinn.report..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.djinn.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
