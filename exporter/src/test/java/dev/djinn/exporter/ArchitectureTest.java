package dev.djinn.exporter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** The arrows between the exporter's packages, and to other modules. */
class ArchitectureTest {
  private static final String GRAPH = "dev.djinn.graph";
  private static final String PASS = "dev.djinn.graph.pass";
  private static final String EXPORTER = "dev.djinn.exporter";
  private static final String BLOCK = "dev.djinn.exporter.block";
  private static final String JUDGE = "dev.djinn.exporter.judge";

  private static final JavaClasses DJINN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.djinn");

  private static final DescribedPredicate<JavaClass> OURS =
      DescribedPredicate.describe(
          "of the exporter",
          type ->
              type.getPackageName().startsWith(EXPORTER)
                  || type.getPackageName().startsWith(GRAPH));

  @Test
  void arrowsPointFromTheCommandsToTheGraph() {
    dependOnly(GRAPH, GRAPH);
    dependOnly(PASS, PASS, GRAPH);
    dependOnly(EXPORTER, EXPORTER, PASS, GRAPH);
    dependOnly(BLOCK, BLOCK, EXPORTER, PASS, GRAPH);
    dependOnly(JUDGE, JUDGE, EXPORTER);
  }

  private static void dependOnly(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat(OURS.and(JavaClass.Predicates.resideOutsideOfPackages(to)))
        .check(DJINN);
  }

  @Test
  void graphKnowsNoEngineAndNoOtherModule() {
    classes()
        .that()
        .resideInAPackage(GRAPH + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(GRAPH + "..", "java..", "ai.onnx.proto..", "com.google.protobuf..")
        .check(DJINN);
  }

  @Test
  void onlyCommandsKnowTheCommandLine() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackage("dev.djinn.exporter.cli")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "dev.djinn.trainer.cli..", "dev.djinn.server..")
        .check(DJINN);
  }

  @Test
  void noPackagesAreInARing() {
    slices().matching("dev.djinn.(**)").should().beFreeOfCycles().check(DJINN);
  }

  @Test
  void noFilesAreInARing() {
    slices().assignedFrom(new Files()).should().beFreeOfCycles().check(DJINN.that(OURS));
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
