package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnimatedGifTest {
  private static final SampleGrid ONE = SampleGrid.columns(1).withPadding(0).withScale(1);

  private static final Duration DELAY = Duration.ofMillis(100);

  @TempDir Path folder;

  @Test
  void keepsEveryGreyOfEveryFrame() throws IOException {
    Path gif = folder.resolve("x.gif");
    AnimatedGif.write(List.of(frame("", 0), frame("", 7), frame("", 100)), DELAY, DELAY, gif);
    ImageReader reader = reader(gif);
    assertEquals(3, reader.getNumImages(true));
    int[] shifts = {0, 7, 100};
    for (int f = 0; f < 3; f++) {
      BufferedImage image = reader.read(f);
      for (int i = 0; i < 256; i++) {
        int expected = (i + shifts[f]) & 0xff;
        assertEquals(expected, image.getRGB(i % 16, i / 16) & 0xff, "frame " + f + " pixel " + i);
      }
    }
  }

  @Test
  void showsEachFrameForTheDelayTheLastLongerAndLoops() throws IOException {
    Path gif = folder.resolve("x.gif");
    AnimatedGif.write(
        List.of(frame("", 0), frame("", 1), frame("", 2)),
        Duration.ofMillis(120),
        Duration.ofSeconds(2),
        gif);
    String[] hundredths = {"12", "12", "200"};
    for (int f = 0; f < 3; f++) {
      IIOMetadataNode root =
          (IIOMetadataNode)
              reader(gif).getImageMetadata(f).getAsTree("javax_imageio_gif_image_1.0");
      IIOMetadataNode control =
          (IIOMetadataNode) root.getElementsByTagName("GraphicControlExtension").item(0);
      assertEquals(hundredths[f], control.getAttribute("delayTime"));
    }
    // As in the file: extension, 11 bytes, NETSCAPE2.0, 3 bytes, 1, 0, 0, end.
    String bytes = Files.readString(gif, StandardCharsets.ISO_8859_1);
    assertTrue(bytes.contains("!\u00ff\u000bNETSCAPE2.0\u0003\u0001\u0000\u0000\u0000"));
  }

  @Test
  void drawsTitlesAbove() throws IOException {
    Path gif = folder.resolve("x.gif");
    AnimatedGif.write(List.of(frame("7", 0), frame("", 0)), DELAY, DELAY, gif);
    BufferedImage first = reader(gif).read(0);
    assertEquals(16 + 22, first.getHeight());
    assertEquals(17, first.getRGB(1, 22 + 1) & 0xff, "the picture starts below the title");
    int white = 0;
    for (int i = 0; i < 16 * 22; i++) {
      white += (first.getRGB(i % 16, i / 16) & 0xff) == 255 ? 1 : 0;
    }
    assertEquals(4 * 11, white, "the 7 has eleven dots, doubled each way");
  }

  @Test
  void keepsFewColoursExact() throws IOException {
    Path gif = folder.resolve("x.gif");
    byte[] red = {(byte) 200, 0, 10, 20, 0, 90};
    BufferedImage picture = ONE.ofBytes(red, 3, 1, 2);
    AnimatedGif.write(
        List.of(new AnimatedGif.Frame("", () -> picture), new AnimatedGif.Frame("", () -> picture)),
        DELAY,
        DELAY,
        gif);
    for (int f = 0; f < 2; f++) {
      BufferedImage read = reader(gif).read(f);
      assertEquals(0xc80a00, read.getRGB(0, 0) & 0xffffff, "frame " + f);
      assertEquals(0x00145a, read.getRGB(1, 0) & 0xffffff, "frame " + f);
    }
  }

  @Test
  void leavesNothingWhenAFrameIsMissing() {
    Path gif = folder.resolve("x.gif");
    List<AnimatedGif.Frame> frames =
        List.of(frame("", 0), AnimatedGif.Frame.of("", folder.resolve("missing.png")));
    assertThrows(IOException.class, () -> AnimatedGif.write(frames, DELAY, DELAY, gif));
    assertFalse(Files.exists(gif));
  }

  @Test
  void refusesWhatIsNoAnimation() {
    Path gif = folder.resolve("x.gif");
    AnimatedGif.Frame small = new AnimatedGif.Frame("b", () -> ONE.ofBytes(new byte[1], 1, 1, 1));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> AnimatedGif.write(List.of(frame("a", 0), small), DELAY, DELAY, gif));
    assertEquals("frame 'b' is 1 x 23, the first 16 x 38", e.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> AnimatedGif.write(List.of(), DELAY, DELAY, gif));
    assertThrows(
        IllegalArgumentException.class,
        () -> AnimatedGif.write(List.of(frame("", 0)), Duration.ofMillis(10), DELAY, gif));
  }

  private static AnimatedGif.Frame frame(String title, int shift) {
    byte[] pixels = new byte[256];
    for (int i = 0; i < 256; i++) {
      pixels[i] = (byte) (i + shift);
    }
    BufferedImage picture = ONE.ofBytes(pixels, 1, 16, 16);
    return new AnimatedGif.Frame(title, () -> picture);
  }

  private static ImageReader reader(Path gif) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    ImageInputStream in = ImageIO.createImageInputStream(gif.toFile());
    reader.setInput(in);
    return reader;
  }
}
