package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An application that is a module: one class, compiled and run in processes of their own. */
public final class ModularApplication {
  private final Path folder;
  private final String libraries;

  /**
   * Compiles {@code application.Main}.
   *
   * @param folder for all that it writes
   * @param libraries what lies on the module path
   * @param requires what the module asks for
   * @param main the source of the class
   */
  public ModularApplication(Path folder, List<Path> libraries, String requires, String main)
      throws Exception {
    this.folder = folder;
    this.libraries = path(libraries);
    Path sources = Files.createDirectories(folder.resolve("sources/application"));
    Path module =
        Files.writeString(
            sources.resolveSibling("module-info.java"),
            "module application { " + requires + " }");
    Path file = Files.writeString(sources.resolve("Main.java"), main);
    run("javac", "-p", this.libraries, "-d", classes(), module.toString(), file.toString());
  }

  /** {@return what it says on the module path} */
  public String runOnTheModulePath(String argument) throws Exception {
    String path = classes() + File.pathSeparator + libraries;
    // From JDK 24 on it is said of each module that loads natives and has not been let.
    String natives = "--enable-native-access=com.microsoft.onnxruntime";
    return run("java", natives, "-p", path, "-m", "application/application.Main", argument);
  }

  /** {@return what it says on the class path} */
  public String runOnTheClassPath(String argument) throws Exception {
    String path = classes() + File.pathSeparator + libraries;
    String natives = "--enable-native-access=ALL-UNNAMED";
    return run("java", natives, "-cp", path, "application.Main", argument);
  }

  /** {@return the jar or folder that a class comes from} */
  public static Path placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private String classes() {
    return folder.resolve("classes").toString();
  }

  private static String path(List<Path> places) {
    return String.join(File.pathSeparator, places.stream().map(Path::toString).toList());
  }

  private String run(String tool, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("DJINN_CACHE", folder.resolve("cache").toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }
}
