package dev.djinn.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.jpg",
        "progressive.jpg",
        "restart.jpg",
        "rgb.jpg",
        "cmyk.jpg",
        "ycck.jpg",
        "fast.jpg",
        "mozjpeg.jpg",
        "cmyk.tif",
        "jpeg.tif",
        "palette.tif",
        "alpha.tif",
        "float.tif",
        "key.png",
        "palette.png",
        "grey16.png",
        "lossy.webp",
        "alpha.webp",
        "animated.webp",
        "transparent.gif",
        "partial.gif",
        "turned.png",
        "turned.tif",
        "turned.webp",
        "turned.jpg"
      })
  void showsWhatPillowShows(String name) throws Exception {
    Picture picture = PictureFile.decode(resource(name));
    BufferedImage right = ImageIO.read(new ByteArrayInputStream(resource(name + ".png")));
    assertEquals(right.getHeight(), picture.height());
    assertEquals(right.getWidth(), picture.width());
    byte[] shown = picture.onWhite();
    int plane = picture.height() * picture.width();
    for (int i = 0; i < plane; i++) {
      int rgb = right.getRGB(i % picture.width(), i / picture.width());
      for (int c = 0; c < 3; c++) {
        int expected = rgb >> (16 - 8 * c) & 0xff;
        int got = shown[c * plane + i] & 0xff;
        assertTrue(
            Math.abs(expected - got) <= 1,
            "%s: pixel %d channel %d is %d, not %d".formatted(name, i, c, got, expected));
      }
    }
  }

  /** Worked by hand: light 129 through C = M = Y = 126; with K = 51, 129 × 204 / 255 = 103.2. */
  @ParameterizedTest
  @CsvSource({"0, 129", "51, 103"})
  void letsLightThroughInksWithoutAProfile(int black, int grey) throws UnusablePicture {
    byte[] ink = {(byte) 126};
    StoredColours samples =
        new StoredColours(1, 1, new byte[][] {ink, ink, ink, {(byte) black}}, Optional.empty());
    byte shown = (byte) grey;
    assertArrayEquals(new byte[] {shown, shown, shown}, samples.picture().colours());
  }

  /** A profile that calls sRGB's green red and its red green: the colours must come swapped. */
  @Test
  void seesColoursAsTheProfileSays() throws Exception {
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    ByteBuffer tags = ByteBuffer.wrap(profile);
    for (int i = 0; i < tags.getInt(128); i++) {
      int at = 132 + 12 * i;
      switch (tags.getInt(at)) {
        case 0x7258595a -> tags.putInt(at, 0x6758595a);
        case 0x6758595a -> tags.putInt(at, 0x7258595a);
        default -> {}
      }
    }
    Picture plain = PictureFile.decode(resource("plain.jpg"));
    byte[] jpeg = resource("plain.jpg");
    ByteArrayOutputStream tagged = new ByteArrayOutputStream();
    tagged.write(jpeg, 0, 2);
    ByteBuffer header = ByteBuffer.allocate(18).putShort((short) 0xffe2);
    header.putShort((short) (profile.length + 16));
    header.put("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 1);
    tagged.writeBytes(header.array());
    tagged.writeBytes(profile);
    tagged.write(jpeg, 2, jpeg.length - 2);
    Picture swapped = PictureFile.decode(tagged.toByteArray());
    int plane = plain.height() * plain.width();
    for (int i = 0; i < plane; i++) {
      assertEquals(plain.colours()[i] & 0xff, swapped.colours()[plane + i] & 0xff, 2);
      assertEquals(plain.colours()[plane + i] & 0xff, swapped.colours()[i] & 0xff, 2);
      assertEquals(
          plain.colours()[2 * plane + i] & 0xff, swapped.colours()[2 * plane + i] & 0xff, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.jpg", "progressive.jpg", "restart.jpg", "cmyk.jpg", "cmyk.tif", "jpeg.tif",
        "palette.tif", "alpha.tif", "float.tif", "key.png", "lossy.webp", "alpha.webp",
        "transparent.gif"
      })
  void refusesAFileCutAnywhereInItsPixels(String name) throws IOException {
    byte[] whole = resource(name);
    for (int length = 0; length < whole.length * 19 / 20; length += 1 + length / 50) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(
          UnusablePicture.class, () -> PictureFile.decode(cut), name + " cut to " + length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain.jpg", "progressive.jpg", "restart.jpg", "cmyk.jpg"})
  void refusesAJpegWhosePixelsWereOverwritten(String name) throws IOException {
    byte[] whole = resource(name);
    int refused = 0;
    for (int fill : new int[] {0, 0xff, 0x5a}) {
      byte[] overwritten = whole.clone();
      Arrays.fill(overwritten, whole.length * 3 / 4, whole.length * 7 / 8, (byte) fill);
      try {
        PictureFile.decode(overwritten);
      } catch (UnusablePicture e) {
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
        refused++;
      }
    }
    assertEquals(3, refused, name);
  }

  /** What is left fits by chance: as many blocks as there should be, of colours that can be. */
  @ParameterizedTest
  @ValueSource(strings = {"plain.jpg", "restart.jpg", "cmyk.jpg", "progressive.jpg"})
  void nearlyAllOverwritesOfSixtyFourBytesAreSeen(String name) throws IOException {
    byte[] whole = resource(name);
    int pixels = indexOf(whole, 0xff, 0xda) + 14;
    Random random = new Random(64);
    int refused = 0;
    for (int i = 0; i < 200; i++) {
      byte[] wrong = whole.clone();
      byte[] over = new byte[64];
      random.nextBytes(over);
      System.arraycopy(
          over, 0, wrong, pixels + random.nextInt(whole.length - 2 - 64 - pixels), over.length);
      try {
        PictureFile.decode(wrong);
      } catch (UnusablePicture e) {
        refused++;
      }
    }
    assertTrue(refused >= 194, name + ": " + refused + " of 200 refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain.jpg", "progressive.jpg", "restart.jpg", "cmyk.jpg"})
  void refusesAJpegWhoseTailIsZeros(String name) throws IOException {
    byte[] whole = resource(name);
    for (int length = whole.length / 2; length < whole.length - 8; length += 13) {
      byte[] zeros = whole.clone();
      Arrays.fill(zeros, length, whole.length, (byte) 0);
      assertThrows(
          UnusablePicture.class, () -> PictureFile.decode(zeros), name + " from " + length);
    }
  }

  /** What programs and cameras leave in files that are whole; libjpeg warns of the first three. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes before a table",
        "zeros before the end",
        "bytes before the end",
        "no end",
        "bytes behind the end",
        "fill bytes before a marker"
      })
  void losesNothingToHarmlessIrregularities(String irregularity) throws Exception {
    for (String name : new String[] {"plain.jpg", "progressive.jpg", "restart.jpg"}) {
      byte[] whole = resource(name);
      int table = indexOf(whole, 0xff, 0xdb);
      int end = whole.length - 2;
      byte[] odd =
          switch (irregularity) {
            case "bytes before a table" -> inserted(whole, table, 1, 2, 3, 0, 0, 9, 9, 9);
            case "zeros before the end" -> inserted(whole, end, new int[200]);
            case "bytes before the end" -> inserted(whole, end, 0x12, 0x34, 0x56);
            case "no end" -> Arrays.copyOf(whole, end);
            case "bytes behind the end" -> inserted(whole, whole.length, 7, 0xff, 0xda, 0, 8, 1);
            default -> inserted(whole, table, 0xff, 0xff, 0xff);
          };
      assertArrayEquals(
          PictureFile.decode(whole).colours(),
          PictureFile.decode(odd).colours(),
          name + " " + irregularity);
    }
  }

  @Test
  void refusesAPngWithAWrongSumOfItsPixelsButNotOfItsText() throws Exception {
    byte[] png = resource("key.png");
    int pixels = indexOf(png, 'I', 'D', 'A', 'T');
    byte[] wrong = png.clone();
    wrong[pixels + 20] ^= 1;
    assertEquals(
        "damaged: the sum of its chunk IDAT is wrong",
        assertThrows(UnusablePicture.class, () -> PictureFile.decode(wrong)).getMessage());
    byte[] text =
        inserted(png, pixels - 4, 0, 0, 0, 3, 't', 'E', 'X', 't', 'a', 0, 'b', 1, 2, 3, 4);
    assertArrayEquals(PictureFile.decode(png).colours(), PictureFile.decode(text).colours());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "1; 32; 1; integers of 32 bits have no agreed black and white",
        "1; 12; 1; integers of 12 bits are not read",
        "1; 32; 2; signed integers of 32 bits have no agreed black and white",
        "1; 16; 2; signed integers of 16 bits have no agreed black and white",
        "8; 8; 1; colours in CIELAB are not read",
        "32844; 16; 1; TIFF photometric 32844 is not read",
        "1; 32; 3; a float of 1.5 is not from 0 (black) to 1 (white)",
      })
  void saysWhyATiffHasNoKnownColours(int photometric, int bits, int format, String reason) {
    byte[] pixels =
        format == 3 ? ByteBuffer.allocate(4).putFloat(1.5f).array() : new byte[bits / 8];
    assertEquals(
        reason,
        assertThrows(
                UnusablePicture.class,
                () -> PictureFile.decode(tiff(1, 1, photometric, bits, format, pixels)))
            .getMessage());
  }

  @Test
  void invertsGreyWhoseWhiteIsZero() throws UnusablePicture {
    byte[] pixels = ByteBuffer.allocate(4).putFloat(0.2f).array();
    assertEquals(204, PictureFile.decode(tiff(1, 1, 0, 32, 3, pixels)).colours()[0] & 0xff);
    byte[] bytes = {51};
    assertEquals(204, PictureFile.decode(tiff(1, 1, 0, 8, 1, bytes)).colours()[0] & 0xff);
  }

  /** Of each kind of Netpbm file, the pixel values that its specification gives. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "P1\\n# a\\n2 1\\n10; 0,255",
        "P2 2 1 15 0 15; 0,255",
        "P2 2 1 2 1 2; 128,255",
        "P3 1 1 255 7 8 9; 7,8,9",
        "P4 2 1\\n@; 255,0",
        "P5 2 1 255\\n\u0007A; 7,65",
        "P5 1 1 65535\\nAB; 65",
        "P6 1 1 255\\nABC; 65,66,67",
      })
  void readsNetpbm(String file, String values) throws UnusablePicture {
    byte[] bytes = file.replace("\\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
    int[] right = Arrays.stream(values.split(",")).mapToInt(Integer::parseInt).toArray();
    byte[] colours = PictureFile.decode(bytes).colours();
    for (int i = 0; i < right.length; i++) {
      assertEquals(right[i], colours[i] & 0xff, "value " + i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "P5 2 2 255\\n123; damaged: the header promises 4 bytes of pixels, 3 follow",
        "P2 2 1 15 3; damaged: part of its numbers is missing",
        "P2 1 1 15 16; damaged: 16 is over the greatest value 15",
        "P6 99999 99999 255; 99999 x 99999 pixels are over 64 megapixels",
      })
  void saysWhatIsWrongWithNetpbm(String file, String reason) {
    byte[] bytes = file.replace("\\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(
        reason, assertThrows(UnusablePicture.class, () -> PictureFile.decode(bytes)).getMessage());
  }

  @Test
  void saysWhatIsNotRead() {
    assertEquals("the file is empty", refusal(new byte[0]));
    assertEquals(
        "HEIC and AVIF are not read: convert it to PNG or JPEG", refusal("\0\0\0\u001cftypheic"));
    assertEquals(
        "not a PNG, JPEG, WebP, TIFF, GIF, BMP, PPM or PGM image", refusal("these are words"));
    assertEquals(
        "a web page, not a picture: what servers answer for files that they lack",
        refusal("<html></html>"));
    assertEquals(
        "a pointer of Git LFS, not the picture: fetch it with git lfs pull",
        refusal("version https://git-lfs.github.com/spec/v1"));
  }

  @Test
  void refusesATiffThatPromisesMoreThanThereIs() {
    assertEquals(
        "60000 x 60000 pixels are over 64 megapixels",
        refusal(tiff(60_000, 60_000, 1, 8, 1, new byte[4])));
    assertTrue(refusal(tiff(6_000, 6_000, 1, 8, 1, new byte[4])).startsWith("damaged: "));
  }

  private static String refusal(String start) {
    return refusal(start.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String refusal(byte[] file) {
    return assertThrows(UnusablePicture.class, () -> PictureFile.decode(file)).getMessage();
  }

  /** A TIFF of one strip. */
  private static byte[] tiff(
      int width, int height, int photometric, int bits, int format, byte[] pixels) {
    int[][] entries = {
      {256, 4, width}, {257, 4, height}, {258, 3, bits}, {259, 3, 1}, {262, 3, photometric},
      {273, 4, 8}, {277, 3, 1}, {278, 4, height}, {279, 4, pixels.length}, {339, 3, format}
    };
    int start = 8 + (pixels.length + 1) / 2 * 2;
    ByteBuffer file = ByteBuffer.allocate(start + 2 + 12 * entries.length + 4);
    file.put("MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(start).put(pixels);
    file.position(start).putShort((short) entries.length);
    for (int[] entry : entries) {
      file.putShort((short) entry[0]).putShort((short) entry[1]).putInt(1);
      file.putInt(entry[1] == 3 ? entry[2] << 16 : entry[2]);
    }
    return file.array();
  }

  private static int indexOf(byte[] file, int... wanted) {
    for (int i = 0; i < file.length - wanted.length; i++) {
      boolean found = true;
      for (int k = 0; k < wanted.length; k++) {
        found &= (file[i + k] & 0xff) == wanted[k];
      }
      if (found) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  private static byte[] inserted(byte[] file, int at, int... bytes) {
    byte[] longer = Arrays.copyOf(file, file.length + bytes.length);
    System.arraycopy(file, at, longer, at + bytes.length, file.length - at);
    for (int i = 0; i < bytes.length; i++) {
      longer[at + i] = (byte) bytes[i];
    }
    return longer;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = PictureTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
