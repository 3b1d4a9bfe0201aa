package dev.djinn.sampler;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/** What holds of the files of either module of the server. */
public final class FileRules {
  private FileRules() {}

  /** No files depend on each other in a ring; what is in a file with another may know it. */
  public static void checkNoRings(JavaClasses classes) {
    slices().assignedFrom(new FileSlices()).should().beFreeOfCycles().check(classes);
  }

  /** The table in a package's description names each of its files once. */
  public static void checkPlanOfRooms(Path folder) throws IOException {
    String plan = Files.readString(folder.resolve("package-info.java"));
    List<String> named =
        Pattern.compile("<td>([^<]*)</td></tr>")
            .matcher(plan)
            .results()
            .flatMap(row -> Stream.of(row.group(1).replaceAll("[\\s*]+", " ").split(", ")))
            .sorted()
            .toList();
    try (Stream<Path> files = Files.list(folder)) {
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

  /** A file a slice. */
  private static final class FileSlices implements SliceAssignment {
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
