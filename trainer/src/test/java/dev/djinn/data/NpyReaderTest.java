package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyReaderTest {
  @TempDir Path folder;

  @Test
  void readsTheTrainingHalfOfAnArchiveThatNumpyWrote() throws Exception {
    ImageSet set = DataSets.open(resource("two.npz"), DataOptions.defaults());
    assertEquals("two.npz: 2 images of 4x3x3, 2 classes", set.toString());
    assertArrayEquals(new int[] {1, 0}, set.labels());
    byte[] expected = new byte[72];
    for (int i = 0; i < 72; i++) { // value i is image, row, column, channel
      expected[i / 36 * 36 + i % 3 * 12 + i % 36 / 3] = (byte) i;
    }
    assertArrayEquals(expected, set.pixels());
  }

  @Test
  void readsBigEndianFloatsWithChannelsFirstThatNumpyWrote() throws Exception {
    ImageSet set = DataSets.open(resource("floats.npy"), DataOptions.defaults());
    assertEquals("floats.npy: 2 images of 4x3x1", set.toString());
    for (int i = 0; i < 24; i++) {
      assertEquals(Math.rint(i / 23.0 * 255), set.pixels()[i] & 0xff, "element " + i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "|u1; (2, 2); shape [2, 2] is not (n, rows, columns) with channels or without",
        "|u1; (1, 2, 2, 2); shape [1, 2, 2, 2] has neither 1 nor 3 channels",
        "|u1; (1, 0, 2); shape [1, 0, 2] is empty or more than one set may hold",
        "|u1; (99999, 99999, 3); shape [99999, 99999, 3] is empty or more than one set may hold",
        "|u1; (1, 2, 4); truncated: shape [1, 2, 4] promises 8 bytes, 4 follow",
        "|u1; (1, 1, 2); goes on after what shape [1, 1, 2] promises",
        "<i4; (1, 1, 1); elements of type i4 are neither unsigned bytes (u1) nor floats (f4, f8)",
      })
  void namesWhatIsWrongWithAnArray(String type, String shape, String message) throws IOException {
    Path file = Files.write(folder.resolve("x.npy"), npy(type, shape, new byte[4]));
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open(file.toString(), DataOptions.defaults()));
    assertEquals(file + ": " + message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "|u1; (99999999999, 28, 28); 99999999999 is no size of an array",
        "<u99999999999; (1, 2, 2); has no descr that can be read",
        "|u1; [1, 2, 2]; has no shape that can be read"
      })
  void saysWhatOfAHeaderItCannotRead(String type, String shape, String message) throws IOException {
    Path file = Files.write(folder.resolve("x.npy"), npy(type, shape, new byte[4]));
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open(file.toString(), DataOptions.defaults()));
    assertTrue(e.getMessage().startsWith(file + ": header {"), e.getMessage());
    assertTrue(e.getMessage().endsWith(message), e.getMessage());
  }

  @Test
  void rejectsFloatsOutOfRange() throws IOException {
    byte[] minusOne = {0, 0, (byte) 0x80, (byte) 0xbf};
    Path file = Files.write(folder.resolve("x.npy"), npy("<f4", "(1, 1, 1)", minusOne));
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open(file.toString(), DataOptions.defaults()));
    assertEquals(
        file + ": element 0 is -1.0; floats must be from 0 (black) to 1 (white)", e.getMessage());
  }

  @Test
  void rejectsFilesCutAnywhere() throws IOException {
    byte[] whole = npy("|u1", "(1, 2, 2)", new byte[4]);
    for (int length = 8; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("x.npy"), Arrays.copyOf(whole, length));
      assertThrows(
          DataException.class,
          () -> DataSets.open(file.toString(), DataOptions.defaults()),
          "cut to " + length);
    }
  }

  @Test
  void rejectsFortranOrder() throws IOException {
    byte[] bytes = npy("|u1", "(1, 2, 2)", new byte[4]);
    String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("False", "True ");
    Path file = Files.write(folder.resolve("x.npy"), text.getBytes(StandardCharsets.ISO_8859_1));
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open(file.toString(), DataOptions.defaults()));
    assertTrue(e.getMessage().contains("Fortran order"), e.getMessage());
  }

  @Test
  void rejectsLabelsThatDifferInCountOrAreNone() throws IOException {
    byte[] images = npy("|u1", "(2, 1, 1)", new byte[2]);
    assertEquals(
        "images: 2 images, but 3 labels",
        archiveFailure(Map.of("images", images, "labels", npy("|u1", "(3,)", new byte[3]))));
    assertEquals(
        "labels: label -1 of image 1 is not in 0 to 99999",
        archiveFailure(Map.of("images", images, "labels", npy("|i1", "(2,)", new byte[] {0, -1}))));
    assertEquals(
        "labels: labels of shape [2, 2] are not (n)",
        archiveFailure(Map.of("images", images, "labels", npy("|u1", "(2, 2)", new byte[4]))));
  }

  @Test
  void namesTheArraysWhenItKnowsNone() throws IOException {
    byte[] images = npy("|u1", "(2, 1, 1)", new byte[2]);
    String message = archiveFailure(Map.of("cats", images, "dogs", images));
    assertTrue(message.contains("but none is called images, pixels, x_train"), message);
  }

  @Test
  void takesTheOnlyArrayWhateverItsName() throws IOException {
    Path file = archive(Map.of("cats", npy("|u1", "(2, 1, 1)", new byte[] {4, 5})));
    assertArrayEquals(
        new byte[] {4, 5}, DataSets.open(file.toString(), DataOptions.defaults()).pixels());
  }

  private String archiveFailure(Map<String, byte[]> arrays) throws IOException {
    Path file = archive(arrays);
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open(file.toString(), DataOptions.defaults()));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    return e.getMessage().substring((file + ": ").length());
  }

  private Path archive(Map<String, byte[]> arrays) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : List.copyOf(arrays.keySet())) {
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(arrays.get(name));
      }
    }
    return Files.write(folder.resolve("x.npz"), bytes.toByteArray());
  }

  private static byte[] npy(String type, String shape, byte[] elements) {
    String header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
    String padded = header + " ".repeat(117 - header.length()) + "\n";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
    bytes.writeBytes(padded.getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(elements);
    return bytes.toByteArray();
  }

  private static String resource(String name) throws URISyntaxException {
    return Path.of(NpyReaderTest.class.getResource(name).toURI()).toString();
  }
}
