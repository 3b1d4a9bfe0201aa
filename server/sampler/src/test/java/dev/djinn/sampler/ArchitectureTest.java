package dev.djinn.sampler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses OWN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.djinn");

  @Test
  void thePlanOfRoomsNamesEachFileOnce() throws IOException {
    FileRules.checkPlanOfRooms(Path.of("src/main/java/dev/djinn/sampler"));
  }

  @Test
  void noFilesAreInARing() {
    FileRules.checkNoRings(OWN);
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
}
