package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PngTest {
  private final BufferedImage image =
      SampleGrid.columns(1).ofBytes(new byte[] {1, 2, 3, 4}, 1, 2, 2);

  @TempDir Path folder;

  @Test
  void makesFoldersAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("a/b/x.png");
    Png.write(image, file);
    Png.write(image, file);
    assertEquals(image.getWidth(), ImageIO.read(file.toFile()).getWidth());
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no POSIX permissions")
  void makesFilesThatOthersMayReadAsTheSystemAllows() throws IOException {
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    Path png = folder.resolve("x.png");
    Png.write(image, png);
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(png));
  }

  @Test
  void leavesTheOldFileWhenTheNewOneCannotBePut() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("x.png"));
    Path inside = Files.write(taken.resolve("inside"), new byte[] {1});
    assertThrows(IOException.class, () -> Png.write(image, taken));
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(inside));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(taken), files.toList());
    }
  }
}
