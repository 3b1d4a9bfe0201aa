package dev.djinn.exporter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** trainer ← exporter → server, and the graph knows none of them. */
class ModuleArrowsTest {
  private static final String[] TRAINER = {
    "dev.djinn.trainer..", "dev.djinn.network..", "dev.djinn.torch..", "dev.djinn.data.."
  };
  private static final String[] SERVER = {"dev.djinn.sampler..", "dev.djinn.server.."};
  private static final String[] EXPORTER = {"dev.djinn.exporter..", "dev.djinn.graph.."};

  private final JavaClasses djinn =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.djinn");

  @Test
  void trainerKnowsNeitherExporterNorServer() {
    noClasses()
        .that()
        .resideInAnyPackage(TRAINER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SERVER)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(EXPORTER)
        .check(djinn);
  }

  @Test
  void serverKnowsNeitherExporterNorTrainerNorDjl() {
    noClasses()
        .that()
        .resideInAnyPackage(SERVER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(TRAINER)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(EXPORTER)
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(djinn);
  }

  @Test
  void graphKnowsNoEngineAndNoOtherModule() {
    noClasses()
        .that()
        .resideInAPackage("dev.djinn.graph..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..", "ai.onnxruntime..", "dev.djinn.exporter..")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(TRAINER)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(SERVER)
        .check(djinn);
  }
}
