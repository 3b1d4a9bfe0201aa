package dev.djinn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.Buffer;
import org.junit.jupiter.api.Test;

/** The arrows between packages and modules. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.djinn");

  /** A sealed interface; its visitor knows it too. */
  private static final String LAYER = "dev.djinn.network.Layer";

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
  void arrowsPointDown() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("cli")
        .definedBy("dev.djinn.trainer.cli")
        .layer("watch")
        .definedBy("dev.djinn.watch")
        .layer("sweep")
        .definedBy("dev.djinn.trainer.sweep")
        .layer("trainer")
        .definedBy("dev.djinn.trainer")
        .layer("evaluation")
        .definedBy("dev.djinn.evaluation")
        .layer("step")
        .definedBy("dev.djinn.step")
        .layer("run")
        .definedBy("dev.djinn.run")
        .layer("settings")
        .definedBy("dev.djinn.settings")
        .layer("network")
        .definedBy("dev.djinn.network")
        .layer("torch")
        .definedBy("dev.djinn.torch")
        .layer("report")
        .definedBy("dev.djinn.report")
        .layer("data")
        .definedBy("dev.djinn.data")
        .layer("picture")
        .definedBy("dev.djinn.picture")
        .layer("files")
        .definedBy("dev.djinn.files")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("watch")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("trainer")
        .mayOnlyBeAccessedByLayers("cli", "sweep")
        .whereLayer("sweep")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("evaluation")
        .mayOnlyBeAccessedByLayers("cli", "sweep", "trainer")
        .whereLayer("step")
        .mayOnlyBeAccessedByLayers("trainer", "evaluation")
        .whereLayer("run")
        .mayOnlyBeAccessedByLayers("cli", "sweep", "watch", "trainer", "evaluation", "step")
        .whereLayer("settings")
        .mayOnlyBeAccessedByLayers("cli", "sweep", "watch", "trainer", "evaluation", "step", "run")
        .whereLayer("network")
        .mayOnlyBeAccessedByLayers(
            "cli", "sweep", "trainer", "evaluation", "step", "run", "settings")
        .whereLayer("torch")
        .mayOnlyBeAccessedByLayers("trainer", "evaluation", "step", "run", "network")
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("cli", "sweep", "trainer", "evaluation", "run")
        .whereLayer("picture")
        .mayOnlyBeAccessedByLayers("data")
        .check(CLASSES);
  }

  @Test
  void dataAndPicturesKnowNoEngine() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.djinn.data..", "dev.djinn.picture..", "dev.djinn.report..", "dev.djinn.files..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..", "dev.djinn.network..", "dev.djinn.torch..", "picocli..")
        .check(CLASSES);
  }

  @Test
  void filesAreInNoRing() {
    SliceAssignment files =
        new SliceAssignment() {
          @Override
          public SliceIdentifier getIdentifierOf(JavaClass type) {
            JavaClass file = type;
            while (file.getEnclosingClass().isPresent()) {
              file = file.getEnclosingClass().get();
            }
            return file.getName().equals(LAYER)
                ? SliceIdentifier.ignore()
                : SliceIdentifier.of(file.getName());
          }

          @Override
          public String getDescription() {
            return "each file";
          }
        };
    slices().assignedFrom(files).should().beFreeOfCycles().check(CLASSES);
  }

  /** libtorch answers its first call with a warning of its own on the terminal. */
  @Test
  void nobodyFillsAnArrayFromABuffer() {
    noClasses()
        .should()
        .callMethod(NDArray.class, "set", Buffer.class)
        .because("libtorch warns; NDArray.set(NDIndex, NDArray) does the same without")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.djinn.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
