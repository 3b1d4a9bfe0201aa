package dev.djinn.sampler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses OWN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.djinn");

  @Test
  void thePlanOfRoomsNamesEachFileOnce() throws IOException {
    Path folder = Path.of("src/main/java/dev/djinn/sampler");
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
    slices().assignedFrom(new Files()).should().beFreeOfCycles().check(OWN);
  }

  @Test
  void usesTheJdkOnnxRuntimeAndSlf4jOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.djinn.sampler", "ai.onnxruntime..", "org.slf4j", "java..", "javax..", "jdk.jfr")
        .check(OWN);
  }

  @Test
  void itsModuleAsksForNothingElse() throws Exception {
    Path classes =
        Path.of(Sampler.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module =
        ModuleFinder.of(classes).find("dev.djinn.sampler").orElseThrow().descriptor();
    Set<String> required =
        module.requires().stream().map(ModuleDescriptor.Requires::name).collect(Collectors.toSet());
    Assertions.assertEquals(
        Set.of("java.base", "java.desktop", "jdk.jfr", "com.microsoft.onnxruntime", "org.slf4j"),
        required);
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
