package dev.djinn.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.djinn.sampler.FileRules;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  /** Server and sampler. */
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.djinn");

  /** Those that protoc has not generated. */
  private static final JavaClasses WRITTEN =
      CLASSES.that(JavaClass.Predicates.resideOutsideOfPackage("dev.djinn.oip.."));

  @Test
  void usesNeitherDjlNorTrainerNorExporter() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "ai.djl..",
            "dev.djinn.data..",
            "dev.djinn.evaluation..",
            "dev.djinn.exporter..",
            "dev.djinn.files..",
            "dev.djinn.graph..",
            "dev.djinn.names..",
            "dev.djinn.network..",
            "dev.djinn.report..",
            "dev.djinn.run..",
            "dev.djinn.settings..",
            "dev.djinn.step..",
            "dev.djinn.torch..",
            "dev.djinn.trainer..")
        .check(CLASSES);
  }

  @Test
  void theSamplerKnowsNothingOfTheServer() {
    noClasses()
        .that()
        .resideInAPackage("dev.djinn.sampler..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.djinn.server..", "io.netty..", "com.fasterxml..", "io.prometheus..", "picocli..")
        .check(CLASSES);
  }

  @Test
  void onlyTheSamplerTouchesOnnxRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.djinn.sampler..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(CLASSES);
  }

  /** Java's formats write the default locale's digits unless they are told another. */
  @Test
  void digitsAreTheSameInEveryLocale() {
    noClasses()
        .should()
        .callMethod(String.class, "formatted", Object[].class)
        .orShould()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(PrintStream.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .check(WRITTEN);
  }

  @Test
  void thePlanOfRoomsNamesEachFileOnce() throws IOException {
    FileRules.checkPlanOfRooms(Path.of("src/main/java/dev/djinn/server"));
  }

  @Test
  void noFilesAreInARing() {
    FileRules.checkNoRings(WRITTEN);
  }

  @Test
  void packagesDependOnEachOtherInOneDirection() {
    slices().matching("dev.djinn.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
