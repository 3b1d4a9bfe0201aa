package dev.djinn.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
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
    Path folder = Path.of("src/main/java/dev/djinn/server");
    String plan = java.nio.file.Files.readString(folder.resolve("package-info.java"));
    List<String> named =
        Pattern.compile("<td>([^<]*)</td></tr>")
            .matcher(plan)
            .results()
            .flatMap(row -> Stream.of(row.group(1).replaceAll("[\\s*]+", " ").split(", ")))
            .sorted()
            .toList();
    try (Stream<Path> files = java.nio.file.Files.list(folder)) {
      List<String> there =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java") && !name.startsWith("package-info"))
              .map(name -> name.replace(".java", ""))
              .sorted()
              .toList();
      Assertions.assertEquals(there, named);
    }
  }

  @Test
  void noFilesAreInARing() {
    slices().assignedFrom(new Files()).should().beFreeOfCycles().check(WRITTEN);
  }

  @Test
  void packagesDependOnEachOtherInOneDirection() {
    slices().matching("dev.djinn.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** A file a slice; what is in a file with another may know it. */
  private static final class Files implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      JavaClass outermost = type;
      while (outermost.getEnclosingClass().isPresent()) {
        outermost = outermost.getEnclosingClass().get();
      }
      return SliceIdentifier.of(outermost.getName());
    }

    @Override
    public String getDescription() {
      return "files";
    }
  }
}
