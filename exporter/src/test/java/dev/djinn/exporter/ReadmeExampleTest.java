package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second example of the README at the top, compiled and run; with fewer steps and pictures. */
class ReadmeExampleTest {
  private static final String IMPORTS =
      """
      import dev.djinn.exporter.*;
      import dev.djinn.exporter.judge.*;
      import dev.djinn.sampler.*;
      import dev.djinn.trainer.*;
      import java.nio.file.*;
      """;

  @TempDir Path folder;

  @Test
  void trainsMeasuresExportsAndSamples() throws Exception {
    String example = block(Files.readString(Path.of("../README.md")), 2);
    assertTrue(example.lines().count() <= 20, example);
    String small = replaced(example, "\"steps\", 1200", "\"steps\", 2");
    small = replaced(small, "quick(5000)", "quick(100)");
    small = small.replace("Path.of(\"", "Path.of(\"" + folder + "/");
    small = small.replace("Judging.of(\"", "Judging.of(\"" + folder + "/");
    String said = run(small);

    assertTrue(said.contains("100 pictures of " + folder.resolve("runs/java")), said);
    assertTrue(Files.exists(folder.resolve("runs/java/checkpoints/000002")));
    assertTrue(Files.exists(folder.resolve("runs/java/export/model.onnx")));
    BufferedImage sheet = ImageIO.read(folder.resolve("digits.png").toFile());
    assertTrue(sheet.getWidth() >= 8 * 28 && sheet.getHeight() >= 8 * 28, sheet.toString());
  }

  /** The n-th Java block of a document. */
  private static String block(String document, int n) {
    Matcher blocks = Pattern.compile("(?s)```java\n(.*?)```").matcher(document);
    for (int i = 0; i < n; i++) {
      assertTrue(blocks.find(), "only " + i + " blocks of Java");
    }
    return blocks.group(1);
  }

  private static String replaced(String text, String old, String by) {
    assertTrue(text.contains(old), text);
    return text.replace(old, by);
  }

  /** What a program prints. */
  private String run(String body) throws IOException, ReflectiveOperationException {
    Path source = folder.resolve("Example.java");
    Files.writeString(
        source,
        IMPORTS
            + "public class Example { public static void main(String[] a) throws Exception {\n"
            + body
            + "}}\n");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    ByteArrayOutputStream problems = new ByteArrayOutputStream();
    List<String> arguments =
        List.of(
            "-d",
            folder.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            source.toString());
    int code = compiler.run(null, problems, problems, arguments.toArray(new String[0]));
    assertEquals(0, code, () -> problems.toString(StandardCharsets.UTF_8));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      loader
          .loadClass("Example")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }
}
