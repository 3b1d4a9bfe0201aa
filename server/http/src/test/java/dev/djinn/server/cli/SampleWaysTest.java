package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.LatentSpace;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import dev.djinn.sampler.TestModels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Walks, planes and given latents from the command line, and films of them. */
class SampleWaysTest {
  private static final Latent PRIOR = TestModels.CONDITIONAL.latent();

  @TempDir Path folder;

  private final StringWriter err = new StringWriter();
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = TestModels.write(folder.resolve("small"), TestModels.CONDITIONAL);
  }

  @Test
  void walksOverSeedsAsTheLibraryDoes() throws IOException {
    Path npy = folder.resolve("walk.npy");
    run("-n", 9, "--seed", 42, "--to", "43,44", "--label", "two", "-o", npy);
    float[] one = LatentSpace.spherical(point(42), point(43), 5);
    float[] other = LatentSpace.spherical(point(43), point(44), 5);
    float[] way = new float[90];
    System.arraycopy(one, 0, way, 0, 50);
    System.arraycopy(other, 10, way, 50, 40);
    assertArrayEquals(
        pixels(SampleRequest.of(9).withLatents(way).withLabel(2)), pixelsOf(npy, 9 * 16));
  }

  @Test
  void walksOverLabelsOfOneLatent() throws IOException {
    Path npy = folder.resolve("labels.npy");
    run("-n", 5, "-s", 7, "-l", "0", "--to-label", "2", "--to-label", "one", "-o", npy);
    float[] latents = new float[50];
    for (int i = 0; i < 5; i++) {
      System.arraycopy(point(7), 0, latents, 10 * i, 10);
    }
    SampleRequest request = SampleRequest.of(5).withLatents(latents).withLabels(0, 0, 2, 2, 1);
    assertArrayEquals(pixels(request), pixelsOf(npy, 5 * 16));
  }

  @Test
  void drawsThePlaneAsASquare() throws IOException {
    Path png = folder.resolve("plane.png");
    run("--manifold", 3, "-l", "one", "-o", png);
    SampleRequest request =
        SampleRequest.of(9).withLatents(LatentSpace.manifold(3, PRIOR)).withLabel(1);
    try (Sampler sampler = Sampler.open(model)) {
      assertArrayEquals(sampler.sample(request).toGridPng(3), Files.readAllBytes(png));
    }
  }

  @Test
  void takesLatentsFromNumPyAndFromTheLine() throws IOException {
    float[] latents = new float[20];
    ByteBuffer doubles = ByteBuffer.allocate(160).order(ByteOrder.LITTLE_ENDIAN);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      latents[i] = (i - 10) / 8f;
      doubles.putDouble(latents[i]);
      words.add(Float.toString(latents[i]));
    }
    Path given = folder.resolve("given.npy");
    String head = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 10), }";
    Files.write(given, npy(head, doubles.array()));
    byte[] expected = pixels(SampleRequest.of(2).withLatents(latents).withLabel(1));
    Path drawn = folder.resolve("drawn.npy");
    run("--latents", given, "-l", "1", "-o", drawn);
    assertArrayEquals(expected, pixelsOf(drawn, 32));
    run("--latents=" + String.join(",", words), "-l", "1", "-o", drawn);
    assertArrayEquals(expected, pixelsOf(drawn, 32));
  }

  @Test
  void filmsAsGifWithGreyExact() throws IOException {
    Path gif = folder.resolve("walk.gif");
    run("-n", 4, "--to", 1, "--fps", 20, "-l", "0", "-o", gif);
    Samples expected = walk();
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(gif.toFile())) {
      reader.setInput(in);
      assertEquals(4, reader.getNumImages(true));
      for (int i = 0; i < 4; i++) {
        assertSame(expected.toImage(i), reader.read(i));
        IIOMetadataNode root =
            (IIOMetadataNode) reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
        IIOMetadataNode control =
            (IIOMetadataNode) root.getElementsByTagName("GraphicControlExtension").item(0);
        assertEquals("5", control.getAttribute("delayTime"));
      }
    } finally {
      reader.dispose();
    }
  }

  @Test
  void filmsAsAnimatedPngWithAlphaExact() throws IOException {
    model = TestModels.write(folder.resolve("clear"), TestModels.TRANSPARENT);
    Path apng = folder.resolve("walk.apng");
    run("-n", 4, "--to", 1, "--fps", 20, "-l", "0", "-o", apng);
    Samples expected = walk();
    List<byte[]> frames = frames(Files.readAllBytes(apng));
    assertEquals(4, frames.size());
    for (int i = 0; i < 4; i++) {
      assertSame(expected.toImage(i), ImageIO.read(new ByteArrayInputStream(frames.get(i))));
    }
    assertSame(
        expected.toImage(0), ImageIO.read(apng.toFile())); // as one without animation sees it
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "--to x;--to: 'x' is not a whole number (see djinn sample --help)",
        "--to 1 --manifold 3;--to and --manifold exclude each other",
        "--manifold 1;--manifold 1 is not between 2 and 1000",
        "--manifold 3 -n 4;-n 4 given, but the latents make 9",
        "--to 1 -n 1;-n 1 is too few for a way over 2 stops",
        "--to 1 --truncation 0.5;--truncation is for samples that the seed draws",
        "--to-label nine;\"unknown label 'nine'; known are zero, one, two\"",
        "--latents 1,2;\"--latents holds 2 numbers; this model takes 10 a sample (a file's name"
            + " ends in .npy)\"",
        "--latents 1,2,3,4,5,6,7,8,9,NaN;--latents holds 'NaN', which is not a finite number",
        "--latents no.npy;cannot read --latents no.npy: no such file or folder",
        "--fps 10;cannot write OUT: --fps 10 needs a .gif or .apng and must be from 1 to 50",
      })
  void saysInALineWhatIsWrong(String options, String message) throws IOException {
    Path png = folder.resolve("out.png");
    message = message.replace("OUT", png.toString());
    List<Object> args = new ArrayList<>(List.of((Object[]) options.split(" ", -1)));
    args.addAll(List.of("-o", png));
    assertEquals(2, sample(args.toArray()), err::toString);
    assertEquals("djinn: " + message + System.lineSeparator(), err.toString());
    assertFalse(Files.exists(png));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 10), };float32 or float64 (n, 10) is"
            + " needed, it holds HEAD",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 9), };(n, 10) is needed, it holds HEAD",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 10), };it holds 80 bytes of numbers"
            + " for HEAD",
      })
  void refusesOtherArrays(String head, String message) throws IOException {
    Path given = Files.write(folder.resolve("given.npy"), npy(head, new byte[80]));
    assertEquals(2, sample("--latents", given, "-o", folder.resolve("out.png")));
    assertEquals(
        "djinn: cannot read --latents " + given + ": " + message.replace("HEAD", head),
        err.toString().strip());
  }

  private Samples walk() {
    try (Sampler sampler = Sampler.open(model)) {
      float[] way = LatentSpace.spherical(point(0), point(1), 4);
      return sampler.sample(SampleRequest.of(4).withLatents(way).withLabel(0));
    }
  }

  /** Makes a PNG of each frame of an animated one, checking sequence numbers and check sums. */
  private static List<byte[]> frames(byte[] apng) throws IOException {
    List<byte[]> frames = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(apng, 8, apng.length - 8);
    byte[] header = null;
    int sequence = 0;
    while (in.hasRemaining()) {
      byte[] chunk = new byte[4 + in.getInt()];
      in.get(chunk);
      CRC32 check = new CRC32();
      check.update(chunk);
      assertEquals((int) check.getValue(), in.getInt());
      ByteBuffer data = ByteBuffer.wrap(chunk, 4, chunk.length - 4).slice();
      switch (new String(chunk, 0, 4, StandardCharsets.US_ASCII)) {
        case "IHDR" -> header = chunk;
        case "acTL" -> assertEquals(List.of(4, 0), List.of(data.getInt(), data.getInt()));
        case "fcTL" -> {
          assertEquals(sequence++, data.getInt());
          assertEquals(1.0 / 20, (double) data.getShort(20) / data.getShort(22));
        }
        case "IDAT" -> frames.add(png(header, chunk));
        case "fdAT" -> {
          assertEquals(sequence++, data.getInt());
          byte[] whole = new byte[chunk.length - 4];
          System.arraycopy("IDAT".getBytes(StandardCharsets.US_ASCII), 0, whole, 0, 4);
          data.get(whole, 4, whole.length - 4);
          frames.add(png(header, whole));
        }
        default -> assertEquals(0, in.remaining());
      }
    }
    return frames;
  }

  private static byte[] png(byte[]... chunks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    for (byte[] chunk :
        new byte[][] {chunks[0], chunks[1], "IEND".getBytes(StandardCharsets.US_ASCII)}) {
      CRC32 check = new CRC32();
      check.update(chunk);
      ByteBuffer whole = ByteBuffer.allocate(8 + chunk.length).putInt(chunk.length - 4).put(chunk);
      out.write(whole.putInt((int) check.getValue()).array());
    }
    return out.toByteArray();
  }

  private static byte[] npy(String head, byte[] numbers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(" ".repeat(117 - head.length()).getBytes(StandardCharsets.US_ASCII));
    out.write('\n');
    out.write(numbers);
    return out.toByteArray();
  }

  private static void assertSame(BufferedImage expected, BufferedImage actual) {
    for (int y = 0; y < expected.getHeight(); y++) {
      for (int x = 0; x < expected.getWidth(); x++) {
        assertArrayEquals(
            expected.getRaster().getPixel(x, y, (int[]) null),
            actual.getColorModel().getNumComponents() == expected.getColorModel().getNumComponents()
                ? actual.getRaster().getPixel(x, y, (int[]) null)
                : new int[] {actual.getRGB(x, y) & 0xff});
      }
    }
  }

  private static float[] point(long seed) {
    return LatentSpace.point(seed, 0, PRIOR);
  }

  private byte[] pixels(SampleRequest request) {
    try (Sampler sampler = Sampler.open(model)) {
      return sampler.sample(request).pixels();
    }
  }

  private static byte[] pixelsOf(Path npy, int size) throws IOException {
    byte[] file = Files.readAllBytes(npy);
    return Arrays.copyOfRange(file, file.length - size, file.length);
  }

  private void run(Object... args) {
    assertEquals(0, sample(args), err::toString);
  }

  private int sample(Object... args) {
    return ServerMain.run(
        Stream.concat(Stream.of("sample", model), Stream.of(args))
            .map(Object::toString)
            .toArray(String[]::new),
        new PrintWriter(new StringWriter(), true),
        new PrintWriter(err, true));
  }
}
