package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.data.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
  void countsExactCopiesAndSaysWhatIsDoneToPictures() throws IOException {
    BufferedImage image = new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB);
    for (String name : List.of("a.png", "b.png", "c.png")) {
      image.setRGB(20, 3, name.equals("c.png") ? 0xffffff : 0);
      ImageIO.write(image, "png", folder.resolve(name).toFile());
    }
    assertEquals(0, run(folder.toString()));
    assertTrue(
        out.toString().contains("copies    1 are exactly equal to another before them\n"),
        out.toString());
    assertTrue(out.toString().contains("size      50 x 40, grey\n"), out.toString());
    assertEquals(folder.getFileName() + ": 3 pictures of 50x40, as they are\n", err.toString());
  }

  @Test
  void drawsAnotherSpreadWithAnotherSeed() throws IOException {
    byte[][] sheets = new byte[3][];
    for (int i = 0; i < 3; i++) {
      Path sheet = folder.resolve(i + ".png");
      assertEquals(0, run("mnist-10k", "--seed", Integer.toString(i / 2), "-o", sheet.toString()));
      sheets[i] = Files.readAllBytes(sheet);
    }
    assertArrayEquals(sheets[0], sheets[1]);
    assertFalse(Arrays.equals(sheets[0], sheets[2]));
  }

  @Test
  void refusesAnEndingThatItDoesNotWrite() {
    assertEquals(2, run("mnist-10k", "-o", "grid.jpg"));
    assertTrue(err.toString().contains("-o grid.jpg: only PNG is written"), err.toString());
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
