package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In JVMs of their own, since the libraries look at the environment once. */
@EnabledOnOs(OS.LINUX)
class TelemetryTest {
  private static final String MARK = "Microsoft";

  @TempDir Path home;

  @Test
  void nothingIsWrittenWhereTheEnvironmentForbidsIt() throws Exception {
    String said = loadOnnxRuntime(Map.of(Telemetry.VARIABLE, "1"));
    assertFalse(said.contains(Telemetry.VARIABLE), said);
    assertTrue(written().isEmpty(), written().toString());
  }

  @Test
  void elsewhereItIsForbiddenOrTheUserIsTold() throws Exception {
    String said = loadOnnxRuntime(Map.of());
    if (Runtime.version().feature() >= 22) {
      assertTrue(written().isEmpty(), written().toString());
    } else {
      assertTrue(said.contains(Telemetry.VARIABLE + "=1"), said);
    }
  }

  /** Returns what a JVM says that loads ONNX Runtime and ends. */
  private String loadOnnxRuntime(Map<String, String> variables) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Load.class.getName());
    // The reporting searches the command line, and overflows its stack on one as long as a class
    // path.
    Path arguments = home.resolve("arguments");
    Files.write(arguments, command.subList(1, command.size()));
    ProcessBuilder builder = new ProcessBuilder(command.get(0), "@" + arguments);
    // It also stands down for some variables of build machines.
    builder.environment().clear();
    builder.environment().put("HOME", home.toString());
    builder.environment().put("DJINN_CACHE", home.resolve("natives").toString());
    builder.environment().putAll(variables);
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private List<Path> written() throws IOException {
    try (var files = Files.walk(home)) {
      return files.filter(file -> file.toString().contains(MARK)).toList();
    }
  }

  /** Loads ONNX Runtime. */
  static final class Load {
    private Load() {}

    public static void main(String[] arguments) {
      System.out.println(OnnxRuntime.version());
    }
  }
}
