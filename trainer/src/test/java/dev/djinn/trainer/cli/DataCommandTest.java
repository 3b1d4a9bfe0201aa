package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.data.DataException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DataCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @Test
  void listsEverySetAndWhereItIs() {
    assertEquals(0, run());
    String text = out.toString();
    assertTrue(text.contains("mnist-10k"), text);
    assertTrue(text.contains("ready: comes with djinn"), text);
    assertTrue(text.contains("fashion-mnist-test"), text);
  }

  @Test
  void describesASetAndDrawsARowAClass() throws IOException {
    Path sheet = folder.resolve("new/grid.png");
    assertEquals(0, run("mnist-10k", "-o", sheet.toString()));
    String text = out.toString();
    assertTrue(text.contains("images    10,000"), text);
    assertTrue(text.contains("size      28 x 28, grey"), text);
    assertTrue(text.contains("classes   10, with 863 to 1,127 images"), text);
    assertTrue(text.contains("  1    1,127 ########################################\n"), text);
    assertEquals(2 + 10 * (2 * 28 + 2), ImageIO.read(sheet.toFile()).getWidth());
    assertEquals(2 + 10 * (11 + 2 * 28 + 2), ImageIO.read(sheet.toFile()).getHeight());
    assertEquals("samples in " + sheet + "\n", err.toString());
  }

  @Test
  void drawsManyClassesEvenly() throws IOException {
    Path sheet = folder.resolve("grid.png");
    assertEquals(0, run("stacked-mnist", "--image-size=64", "-o", sheet.toString()));
    assertEquals(2 + 10 * (64 + 2), ImageIO.read(sheet.toFile()).getHeight());
    assertTrue(out.toString().contains("size      64 x 64, RGB"), out.toString());
  }

  @Test
  void saysWhereToPutTheSheetThatCannotBeWritten() throws IOException {
    Path taken = Files.createFile(folder.resolve("taken"));
    Path sheet = taken.resolve("grid.png");
    List<Exception> thrown = new ArrayList<>();
    commandLine()
        .setExecutionExceptionHandler(
            (exception, line, result) -> {
              thrown.add(exception);
              return 1;
            })
        .execute("mnist-10k", "-o", sheet.toString());
    DataException e = assertInstanceOf(DataException.class, thrown.get(0));
    assertEquals(sheet + " cannot be written: a file is where a folder should be", e.getMessage());
  }

  @Test
  void asksWhichSetToDownload() {
    assertEquals(2, run("--download"));
    assertFalse(err.toString().isEmpty());
  }

  private int run(String... args) {
    return commandLine().execute(args);
  }

  private CommandLine commandLine() {
    return new CommandLine(new DataCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .setCaseInsensitiveEnumValuesAllowed(true);
  }
}
