package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;

/** JVMs as they are: several applications in one, small ones, users without a home. */
class JvmTest {
  @TempDir Path folder;

  /** Each of its own class loader, as web applications are; the JVM of this test has one, too. */
  @ParameterizedTest
  @CsvSource({"djinn, djinn", "djinn, plain", "plain, djinn", "djinn, djinn"})
  void applicationsOfTheirOwnClassLoadersWorkInEveryOrder(String first, String second)
      throws Exception {
    Path model = TestModels.write(folder, TestModels.UNCONDITIONAL);
    OnnxRuntime.version(); // loaded here, too
    open(first, model);
    open(second, model);
    assertNull(System.getProperty(Natives.PROPERTY));
  }

  private static void open(String how, Path model) throws Exception {
    List<URL> places = new ArrayList<>();
    for (Class<?> type : List.of(Sampler.class, OrtEnvironment.class, Logger.class)) {
      places.add(ModularApplication.placeOf(type).toUri().toURL());
    }
    ClassLoader parent = ClassLoader.getPlatformClassLoader();
    try (URLClassLoader loader = new URLClassLoader(places.toArray(URL[]::new), parent)) {
      if (how.equals("djinn")) {
        Class<?> sampler = loader.loadClass(Sampler.class.getName());
        assertNotEquals(Sampler.class, sampler);
        ((AutoCloseable) sampler.getMethod("open", Path.class).invoke(null, model)).close();
      } else {
        Class<?> type = loader.loadClass(OrtEnvironment.class.getName());
        Object environment = type.getMethod("getEnvironment").invoke(null);
        Object session =
            type.getMethod("createSession", String.class).invoke(environment, model.toString());
        ((AutoCloseable) session).close();
      }
    }
  }

  @Test
  void anEnvironmentThatTheApplicationMadeIsTakenAsItIs() throws Exception {
    String said = run(Map.of(Telemetry.VARIABLE, "1"), "-Dfirst=application");
    assertTrue(said.contains("png of 3 samples"), said);
    assertFalse(said.contains("Tried to change"), said);
  }

  @Test
  void aRuntimeWithoutFlightRecorderAndDesktopDrawsPictures() throws Exception {
    String said = run(Map.of(), "--limit-modules", "java.base,java.logging");
    assertTrue(said.contains("png of 3 samples"), said);
  }

  @Test
  void saysOnStandardErrorWithoutALoggerWhatIsReported() throws Exception {
    String said = run(Map.of());
    boolean prevented = Runtime.version().feature() >= 22;
    assertEquals(!prevented, said.contains(Telemetry.VARIABLE + "=1"), said);
    assertFalse(run(Map.of(Telemetry.VARIABLE, "1")).contains(Telemetry.VARIABLE));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aUserWithoutAHomeGetsAPrivateFolderThatIsGoneAfterwards() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    String said =
        run(
            Map.of(Telemetry.VARIABLE, "1", "DJINN_CACHE", ""),
            "-Duser.home=?",
            "-Duser.name=?",
            "-Djava.io.tmpdir=" + temporary);
    assertTrue(said.contains("png of 3 samples"), said);
    assertTrue(said.contains("loaded from " + temporary.resolve(PrivateFolder.PREFIX)), said);
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.filter(path -> path.toString().contains("djinn")).toList());
    }
  }

  @Test
  void aRelativeCacheIsNotUsed() throws Exception {
    String said = run(Map.of(Telemetry.VARIABLE, "1", "DJINN_CACHE", "cache"));
    assertTrue(said.contains("png of 3 samples"), said);
    assertFalse(Files.exists(folder.resolve("cache")));
  }

  @Test
  void saysInOneLineThatThereIsNoPrivateFolder() throws Exception {
    String said =
        run(
            Map.of(Telemetry.VARIABLE, "1", "DJINN_CACHE", "/dev/null/cache"),
            "-Djava.io.tmpdir=/dev/null/tmp");
    assertTrue(said.contains("no private folder for ONNX Runtime's libraries"), said);
    assertTrue(said.contains("name one that only you can write to with DJINN_CACHE"), said);
  }

  /** Runs {@link Draw} in a JVM without a logger. */
  private String run(Map<String, String> variables, String... options) throws Exception {
    Path model = TestModels.write(folder.resolve("model"), TestModels.UNCONDITIONAL);
    List<String> places = new ArrayList<>();
    for (Class<?> type : List.of(Sampler.class, Draw.class, OrtEnvironment.class, Logger.class)) {
      places.add(ModularApplication.placeOf(type).toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", String.join(File.pathSeparator, places), Draw.class.getName()));
    command.add(model.toString());
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("DJINN_CACHE", folder.resolve("natives").toString());
    builder.environment().putAll(variables);
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  /** Draws three samples into a PNG. */
  static final class Draw {
    private Draw() {}

    public static void main(String[] arguments) {
      if (System.getProperty("first") != null) {
        OrtEnvironment.getEnvironment("application");
      }
      try (Sampler sampler = Sampler.open(Path.of(arguments[0]))) {
        byte[] png = sampler.sample(SampleRequest.of(3)).toGridPng(3);
        System.out.println(png.length > 8 ? "png of 3 samples" : "no png");
        System.out.println("loaded from " + Natives.used());
      } catch (SamplerException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
