package dev.djinn.data;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumpyFilesTest {
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
        "|u1; (1, 2, 2, 2); shape [1, 2, 2, 2] has neither 1 nor 3 nor 4 channels",
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
        "labels: labels of shape [2, 2] are not one class an image, since row 0 has not exactly one"
            + " 1; leave them unread with --unconditional",
        archiveFailure(Map.of("images", images, "labels", npy("|u1", "(2, 2)", new byte[4]))));
    assertEquals(
        "labels: labels of shape [2, 3] are not one class an image, since column 1 has no 1; leave"
            + " them unread with --unconditional",
        archiveFailure(
            Map.of(
                "images", images, "labels", npy("|u1", "(2, 3)", new byte[] {1, 0, 0, 0, 0, 1}))));
    assertEquals(
        "labels: labels of shape [1, 1, 2] are not (n)",
        archiveFailure(Map.of("images", images, "labels", npy("|u1", "(1, 1, 2)", new byte[2]))));
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

  /** Each way in which people keep the labels of two images, and what they say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "<i8; (2,); 0fa7000000000000 0300000000000000; 3,42767; 1,0",
        "|i1; (2,); ff01; -1,1; 0,1",
        "|u1; (2, 1); 0701; 1,7; 1,0",
        "|u1; (2, 2); 0001 0100; 0,1; 1,0",
        "<f4; (2, 2); 0000803f00000000 000000000000803f; 0,1; 0,1",
        "<f8; (2,); 0000000000000040 000000000000f03f; 1,2; 1,0",
        "|b1; (2,); 0100; 0,1; 1,0",
        "<U3; (2,); 640000006f00000067000000 630000006100000074000000; cat,dog; 1,0",
        "|S3; (2,); 646f67 636174; cat,dog; 1,0",
      })
  void takesLabelsAsTheyAre(String type, String shape, String bytes, String classes, String labels)
      throws IOException {
    byte[] elements = HexFormat.of().parseHex(bytes.replace(" ", ""));
    Path file =
        archive(
            Map.of(
                "images",
                npy("|u1", "(2, 1, 1)", new byte[2]),
                "labels",
                npy(type, shape, elements)));
    ImageSet set = DataSets.open(file.toString(), DataOptions.defaults());
    assertEquals(List.of(classes.split(",")), set.classes());
    assertEquals(
        labels, Arrays.stream(set.labels()).mapToObj(Integer::toString).collect(joining(",")));
  }

  @Test
  void leavesLabelsUnreadThatAreNotWanted() throws IOException {
    byte[] images = npy("|u1", "(2, 1, 1)", new byte[2]);
    Path file = archive(Map.of("images", images, "labels", npy("|u1", "(2, 2)", new byte[4])));
    List<String> log = new ArrayList<>();
    DataOptions unlabelled =
        DataOptions.defaults().withLabels(DataOptions.Labels.IF_USABLE).withLog(log::add);
    assertFalse(DataSets.open(file.toString(), unlabelled).labelled());
    assertTrue(log.get(0).startsWith("x.npz: its labels are left unread: "), log.toString());
  }

  @Test
  void squaresFlatImagesAsQuickDrawHasThem() throws IOException {
    byte[] pixels = new byte[2 * 784];
    pixels[784 + 28] = 9;
    Path file = Files.write(folder.resolve("cat.npy"), npy("|u1", "(2, 784)", pixels));
    ImageSet set = DataSets.open(file.toString(), DataOptions.defaults());
    assertEquals("cat.npy: 2 images of 28x28x1", set.toString());
    assertArrayEquals(pixels, set.pixels());
  }

  @ParameterizedTest
  @CsvSource({
    "kmnist-train-imgs, kmnist-train-labels",
    "pets, pets-labels",
    "pets_images, pets_labels",
    "x_train, y_train",
    "X, y"
  })
  void findsTheLabelsInAFileBeside(String images, String labels) throws IOException {
    Path file =
        Files.move(
            archive(Map.of("arr_0", npy("|u1", "(2, 1, 1)", new byte[2]))),
            folder.resolve(images + ".npz"));
    Files.move(
        archive(Map.of("arr_0", npy("|u1", "(2,)", new byte[] {5, 3}))),
        folder.resolve(labels + ".npz"));
    assertEquals(
        List.of("3", "5"), DataSets.open(file.toString(), DataOptions.defaults()).classes());
    // The same in a zip, and as the folder itself.
    assertEquals(
        List.of("3", "5"), DataSets.open(folder.toString(), DataOptions.defaults()).classes());
    Path zip = folder.resolve("all.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String name : List.of(images, labels)) {
        out.putNextEntry(new ZipEntry("data/" + name + ".npz"));
        out.write(Files.readAllBytes(folder.resolve(name + ".npz")));
      }
    }
    assertEquals(
        List.of("3", "5"), DataSets.open(zip.toString(), DataOptions.defaults()).classes());
  }

  @Test
  void warnsOfBytesThatAreAllBlack() throws IOException {
    Path file = Files.write(folder.resolve("x.npy"), npy("|u1", "(2, 1, 1)", new byte[] {0, 1}));
    List<String> log = new ArrayList<>();
    DataSets.open(file.toString(), DataOptions.defaults().withLog(log::add));
    assertTrue(log.get(0).startsWith("x.npy: no pixel is over 1 of 255"), log.toString());
  }

  @Test
  void refusesAHeaderThatPromisesWhatIsNotThereBeforeItMakesRoom() throws IOException {
    Path file = Files.write(folder.resolve("x.npy"), npy("|u1", "(2000000000, 1, 1)", new byte[4]));
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open(file.toString(), DataOptions.defaults()));
    assertEquals(
        file + ": truncated: shape [2000000000, 1, 1] promises 2000000000 bytes, 4 follow",
        e.getMessage());
    assertEquals(
        "images: truncated: shape [2000000000, 1, 1] promises 2000000000 bytes, 4 follow",
        archiveFailure(Map.of("images", npy("|u1", "(2000000000, 1, 1)", new byte[4]))));
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
    return Path.of(NumpyFilesTest.class.getResource(name).toURI()).toString();
  }
}
