package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureFolderTest {
  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();

  @Test
  void makesEachSubFolderAClass() throws IOException {
    put("b/2.png", flat(40, 40, 0x0000ff, "png"));
    put("b/1.png", flat(300, 31, 0x00ff00, "png"));
    put("a/deep/x.bmp", flat(28, 28, 0xff0000, "bmp"));
    put("a/y.gif", flat(99, 64, 0xffffff, "gif"));

    ImageSet set = open(28);

    assertEquals(List.of("a", "b"), set.classes());
    assertArrayEquals(new int[] {0, 0, 1, 1}, set.labels());
    assertEquals(3, set.channels());
    int[][] colours = {{255, 0, 0}, {255, 255, 255}, {0, 255, 0}, {0, 0, 255}};
    for (int i = 0; i < 4; i++) {
      for (int c = 0; c < 3; c++) {
        assertPlane(set, i, c, colours[i][c]);
      }
    }
    assertEquals(
        List.of(
            folder.getFileName()
                + ": 4 pictures of 28x28 to 300x31; of 2 the largest centred square;"
                + " 3 reduced to 28x28"),
        log);
  }

  @Test
  void hasNoLabelsWhenAllLieInOneFolder() throws IOException {
    put("photos/1.png", flat(40, 40, 0x808080, "png"));
    put("photos/2.png", flat(40, 40, 0x404040, "png"));
    ImageSet set = open(32);
    assertFalse(set.labelled());
    assertEquals(32, set.height());
  }

  @Test
  void namesALinkThatLeadsBackToItsFolder() throws IOException {
    put("a/1.png", flat(40, 40, 0x808080, "png"));
    Path link = Files.createSymbolicLink(folder.resolve("a/again"), folder);
    DataException e = assertThrows(DataException.class, () -> open(28));
    assertEquals(
        link + ": cannot be read: a link that leads back to a folder it lies in", e.getMessage());
  }

  @Test
  void makesRoomForOneChannelWhenAskedForGrey() throws IOException {
    // A set of 128×128 may have 43,690 pictures in RGB and 131,071 in grey.
    Path file = folder.resolve("many.zip");
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (int i = 0; i < 131_072; i++) {
        ZipEntry entry = new ZipEntry(i + ".png");
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(0);
        entry.setCrc(0);
        zip.putNextEntry(entry);
      }
    }
    DataOptions grey = options(128).withColour(DataOptions.Colour.GREY);
    DataException e = assertThrows(DataException.class, () -> DataSets.open(file.toString(), grey));
    assertTrue(
        e.getMessage().contains("131072 images of 128x128x1 are 2147483648 bytes, more than"),
        e.getMessage());
  }

  @Test
  void becomesGreyWhenEveryPictureIs() throws IOException {
    put("1.png", flat(40, 40, 0x646464, "png"));
    put("2.png", grey(40, 40, 77));
    ImageSet set = open(28);
    assertEquals(1, set.channels());
    assertPlane(set, 0, 0, 100);
    assertPlane(set, 1, 0, 77); // as stored, not through a gamma curve
  }

  @Test
  void turnsColourIntoGreyAndGreyIntoColourWhenAsked() throws IOException {
    put("1.png", flat(40, 40, 0xff0000, "png"));
    put("2.png", grey(40, 40, 77));
    ImageSet grey =
        DataSets.open(folder.toString(), options(28).withColour(DataOptions.Colour.GREY));
    assertEquals(1, grey.channels());
    assertPlane(grey, 0, 0, 76); // 0.299 × 255
    ImageSet rgb = DataSets.open(folder.toString(), options(28).withColour(DataOptions.Colour.RGB));
    assertEquals(3, rgb.channels());
    assertPlane(rgb, 1, 2, 77);
  }

  @Test
  void showsWhiteThroughWhatIsTransparent() throws IOException {
    BufferedImage image = new BufferedImage(30, 30, BufferedImage.TYPE_INT_ARGB);
    put("clear.png", encode(image, "png"));
    assertPlane(open(28), 0, 0, 255);
  }

  @Test
  void readsSixteenBitGrey() throws IOException {
    BufferedImage image = new BufferedImage(30, 30, BufferedImage.TYPE_USHORT_GRAY);
    short[] deep = ((java.awt.image.DataBufferUShort) image.getRaster().getDataBuffer()).getData();
    Arrays.fill(deep, (short) 0x4d12);
    put("deep.png", encode(image, "png"));
    assertPlane(open(28), 0, 0, 0x4d);
  }

  @Test
  void skipsCountsAndListsWhatItCannotUse() throws IOException {
    put("a/good.png", flat(40, 40, 0xff0000, "png"));
    byte[] png = noise();
    put("a/cut.png", Arrays.copyOf(png, png.length / 2));
    put("a/text.jpg", "words".getBytes(StandardCharsets.UTF_8));
    put("b/bomb.png", pngHeader(60_000, 60_000));
    put("b/empty.gif", new byte[0]);
    put("notes.txt", new byte[] {1});
    put(".hidden/x.png", png);

    ImageSet set = open(28);

    assertEquals(1, set.count());
    assertEquals(List.of("a"), set.classes());
    String text = String.join("\n", log);
    assertTrue(text.contains(": skipped 4 of 5 pictures"), text);
    assertTrue(text.contains("a/cut.png: damaged: "), text);
    assertTrue(
        text.contains("a/text.jpg: not a PNG, JPEG, WebP, TIFF, GIF, BMP, PPM or PGM image"), text);
    assertTrue(text.contains("b/bomb.png: 60000 x 60000 pixels are over 64 megapixels"), text);
    assertTrue(text.contains("b/empty.gif: the file is empty"), text);
  }

  @Test
  void refusesAFolderWithNothingUsable() throws IOException {
    put("x.png", new byte[] {1, 2});
    DataException e = assertThrows(DataException.class, () -> open(28));
    assertEquals(
        folder.getFileName()
            + ": none of 1 pictures can be used; the first is x.png: not a PNG, JPEG, WebP, TIFF, GIF, BMP, PPM or PGM image",
        e.getMessage());
    Files.delete(folder.resolve("x.png"));
    assertThrows(DataException.class, () -> open(28));
  }

  @Test
  void refusesPicturesBesideTheFoldersOfClasses() throws IOException {
    put("a/1.png", flat(30, 30, 1, "png"));
    put("b/1.png", flat(30, 30, 1, "png"));
    put("stray.png", flat(30, 30, 1, "png"));
    DataException e = assertThrows(DataException.class, () -> open(28));
    assertEquals(
        folder
            + ": 1 of 3 pictures, such as stray.png, lie beside the folders of classes: move them into one,"
            + " or leave all labels unread with --unconditional",
        e.getMessage());
  }

  @Test
  void warnsOfClassesWithASingleImage() throws IOException {
    put("a/1.png", flat(30, 30, 1, "png"));
    put("b/1.png", flat(30, 30, 1, "png"));
    put("b/2.png", flat(30, 30, 1, "png"));
    open(28);
    assertEquals(
        folder.getFileName()
            + ": 1 of 2 classes have a single image, which a network can only repeat: a",
        log.get(1));
  }

  @Test
  void readsAZipAsItReadsAFolder() throws IOException {
    byte[] red = flat(40, 40, 0xff0000, "png");
    byte[] blue = flat(50, 30, 0x0000ff, "png");
    put("in/a/1.png", red);
    put("in/b/1.png", blue);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name :
          List.of(
              "top/", "top/b/1.png", "top/a/1.png", "__MACOSX/top/a/._1.png", "../../evil.txt")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.contains("b/") ? blue : name.endsWith("/") ? new byte[0] : red);
      }
    }
    Path zip = Files.write(folder.resolve("set.zip"), bytes.toByteArray());
    ImageSet packed = DataSets.open(zip.toString(), options(28));
    assertEquals(
        DataSets.open(folder.resolve("in").toString(), options(28)).checksum(), packed.checksum());
    assertEquals(List.of("a", "b"), packed.classes());
  }

  @Test
  void skipsAZipEntryThatUnpacksWithoutEnd() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("bomb.bmp"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i <= 128; i++) {
        zip.write(zeros);
      }
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("good.png"));
      zip.write(flat(30, 30, 0, "png"));
    }
    Path zip = Files.write(folder.resolve("set.zip"), bytes.toByteArray());
    assertEquals(1, DataSets.open(zip.toString(), options(28)).count());
    assertTrue(log.contains("  bomb.bmp: over 128 MB"), log.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 100})
  void rejectsATruncatedZip(int length) throws IOException {
    byte[] bytes = Arrays.copyOf(new byte[] {'P', 'K', 3, 4}, length);
    Path zip = Files.write(folder.resolve("set.zip"), bytes);
    DataException e =
        assertThrows(DataException.class, () -> DataSets.open(zip.toString(), options(28)));
    assertTrue(e.getMessage().startsWith(zip + ": cannot be read: "), e.getMessage());
  }

  /** Where the Exif standard says that the stored picture's top row and left column are shown. */
  @ParameterizedTest
  @CsvSource({
    "1, top, left", "2, top, right", "3, bottom, right", "4, bottom, left",
    "5, left, top", "6, right, top", "7, right, bottom", "8, left, bottom"
  })
  void showsAPhotoAsTheCameraWasHeld(int orientation, String topRow, String leftColumn)
      throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      int red = i / 64 < 32 ? 200 : 40;
      int blue = i % 64 < 32 ? 200 : 40;
      image.setRGB(i % 64, i / 64, red << 16 | blue);
    }
    byte[] jpeg = encode(image, "jpg");
    ByteArrayOutputStream tagged = new ByteArrayOutputStream();
    tagged.write(jpeg, 0, 2);
    tagged.writeBytes(exif(orientation));
    tagged.write(jpeg, 2, jpeg.length - 2);
    put("photo.jpg", tagged.toByteArray());

    ImageSet set = open(32);

    assertEquals("bright", brightness(set, 0, topRow), "top row");
    assertEquals("bright", brightness(set, 2, leftColumn), "left column");
  }

  private static String brightness(ImageSet set, int channel, String edge) {
    int y = edge.equals("top") ? 4 : edge.equals("bottom") ? 27 : 16;
    int x = edge.equals("left") ? 4 : edge.equals("right") ? 27 : 16;
    int value = set.pixels()[(channel * 32 + y) * 32 + x] & 0xff;
    return value > 160 ? "bright" : "dark";
  }

  private static byte[] exif(int orientation) {
    ByteBuffer segment = ByteBuffer.allocate(4 + 6 + 8 + 2 + 12 + 4);
    segment.putShort((short) 0xffe1).putShort((short) (segment.capacity() - 2));
    segment.put("Exif\0\0MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(8);
    segment.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    return segment.putShort((short) orientation).array();
  }

  @Test
  void keepsTransparencyWhereItIsAskedFor() throws IOException {
    put("a.png", drawing(20, 24, 0x80ff0000, 0x00123456));
    put("b.png", flat(20, 24, 0x0000ff, "png"));
    DataOptions options = DataOptions.defaults().withLog(log::add);
    ImageSet white = DataSets.open(folder.toString(), options);
    assertEquals(3, white.channels());
    assertEquals(
        folder.getFileName()
            + ": 2 pictures of 20x24, as they are; 1 partly transparent, shown on white"
            + " (--colour rgba keeps that)",
        log.get(0));
    ImageSet set = DataSets.open(folder.toString(), options.withColour(DataOptions.Colour.RGBA));
    assertEquals(4, set.channels());
    assertEquals(24, set.height());
    assertEquals(20, set.width());
    int plane = 20 * 24;
    // Half of it half transparent red, half clear, whatever its colour was.
    int[][] halves = {{255, 0, 0, 128}, {0, 0, 0, 0}};
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < 4; c++) {
        int expected = halves[i < plane / 2 ? 0 : 1][c];
        assertEquals(expected, set.pixels()[c * plane + i] & 0xff, "channel " + c + " at " + i);
      }
    }
    int[] blue = {0, 0, 255, 255};
    for (int c = 0; c < 4; c++) {
      assertPlane(set, 1, c, blue[c]);
    }
    assertTrue(log.get(1).endsWith("; 1 partly transparent"), log.get(1));
  }

  @Test
  void refusesAlphaWhereNothingIsTransparent() throws IOException {
    put("a.png", flat(20, 24, 0x0000ff, "png"));
    put("b.png", drawing(20, 24, 0xff00ff00, 0xff00ff00));
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                DataSets.open(
                    folder.toString(), DataOptions.defaults().withColour(DataOptions.Colour.RGBA)));
    assertEquals(
        folder.getFileName()
            + ": no image has a transparent pixel, so there is no alpha to keep; take --colour rgb",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "CROP; of 1 the largest centred part of the shape of 96x64",
        "PAD; 1 whole, white around them",
        "STRETCH; 1 stretched"
      })
  void saysWhatItDoesToPicturesOfAnotherShape(DataOptions.Fit fit, String said) throws IOException {
    put("a.png", flat(192, 128, 0x102030, "png"));
    put("b.png", flat(100, 100, 0x102030, "png"));
    ImageSet set =
        DataSets.open(
            folder.toString(),
            DataOptions.defaults()
                .withImageSize(ImageSize.parse("96x64"))
                .withFit(fit)
                .withLog(log::add));
    assertEquals(folder.getFileName() + ": 2 images of 96x64x3", set.toString());
    assertEquals(
        folder.getFileName()
            + ": 2 pictures of 100x100 to 192x128; "
            + said
            + "; 2 reduced to 96x64",
        log.get(0));
    for (int i = 0; i < 96 * 64; i++) {
      boolean white = fit == DataOptions.Fit.PAD && (i % 96 < 16 || i % 96 >= 80);
      assertEquals(white ? 255 : 0x10, set.pixels()[3 * 96 * 64 + i] & 0xff, "at " + i);
    }
  }

  @Test
  void keepsTheSizeOfPicturesThatAreNotSquare() throws IOException {
    put("a.png", flat(17, 23, 0x102030, "png"));
    put("b.png", flat(17, 23, 0x302010, "png"));
    ImageSet own = DataSets.open(folder.toString(), DataOptions.defaults());
    assertEquals(folder.getFileName() + ": 2 images of 17x23x3", own.toString());
    put("c.png", flat(23, 17, 0x302010, "png"));
    ImageSet square = DataSets.open(folder.toString(), DataOptions.defaults());
    assertEquals(folder.getFileName() + ": 3 images of 17x17x3", square.toString());
    put("d.png", flat(64, 50, 0x302010, "png"));
    put("e.png", flat(17, 23, 0x302010, "png"));
    put("f.png", flat(17, 23, 0x302010, "png"));
    ImageSet usual = DataSets.open(folder.toString(), DataOptions.defaults().withLog(log::add));
    assertEquals(folder.getFileName() + ": 6 images of 64x64x3", usual.toString());
    assertEquals(
        folder.getFileName()
            + ": 6 pictures of 17x23 to 64x50; of 6 the largest centred square; 6 enlarged to 64x64"
            + " (4 are 17x23: --image-size 17x23 keeps those)",
        log.get(0));
  }

  /** One colour above, one below, each with its alpha. */
  private static byte[] drawing(int width, int height, int above, int below) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, i < width * height / 2 ? above : below);
    }
    return encode(image, "png");
  }

  private ImageSet open(int side) {
    return DataSets.open(folder.toString(), options(side));
  }

  private DataOptions options(int side) {
    return DataOptions.defaults().withImageSize(side).withLog(log::add);
  }

  private void put(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private static void assertPlane(ImageSet set, int image, int channel, int value) {
    int plane = set.height() * set.width();
    int start = (image * set.channels() + channel) * plane;
    for (int i = 0; i < plane; i++) {
      assertEquals(
          value, set.pixels()[start + i] & 0xff, "image %d channel %d".formatted(image, channel));
    }
  }

  private static byte[] flat(int width, int height, int rgb, String format) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    return encode(image, format);
  }

  private static byte[] grey(int width, int height, int value) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < width * height; i++) {
      image.getRaster().setSample(i % width, i / width, 0, value);
    }
    return encode(image, "png");
  }

  private static byte[] noise() throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, i * 2_654_435 & 0xffffff);
    }
    return encode(image, "png");
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }

  /** A PNG that claims a size and has nothing in it. */
  private static byte[] pngHeader(int width, int height) {
    ByteBuffer header = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII));
    header.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.array());
    ByteBuffer png = ByteBuffer.allocate(8 + 4 + 17 + 4);
    png.putLong(0x89504e470d0a1a0aL).putInt(13).put(header.array()).putInt((int) crc.getValue());
    return png.array();
  }
}
