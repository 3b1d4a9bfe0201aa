package dev.djinn.sampler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.djinn");

  @Test
  void theLibraryUsesTheJdkOnnxRuntimeAndSlf4jOnly() {
    classes()
        .that()
        .resideInAPackage("dev.djinn.sampler..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.djinn.sampler..", "ai.onnxruntime..", "org.slf4j", "java..", "javax..", "jdk.jfr")
        .check(CLASSES);
  }

  @Test
  void theModuleUsesNeitherDjlNorTheOtherModules() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.djinn.sampler..", "dev.djinn.server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "ai.djl..",
            "dev.djinn.trainer..",
            "dev.djinn.evaluation..",
            "dev.djinn.step..",
            "dev.djinn.run..",
            "dev.djinn.settings..",
            "dev.djinn.report..",
            "dev.djinn.files..",
            "dev.djinn.torch..",
            "dev.djinn.network..",
            "dev.djinn.data..",
            "dev.djinn.exporter..",
            "dev.djinn.graph..")
        .check(CLASSES);
  }

  @Test
  void onlyTheLibraryTouchesOnnxRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.djinn.sampler..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(CLASSES);
  }

  @Test
  void packagesDependOnEachOtherInOneDirection() {
    slices().matching("dev.djinn.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
