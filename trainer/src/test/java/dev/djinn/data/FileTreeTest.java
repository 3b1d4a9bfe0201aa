package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders and zips as people have them: names, labels, and what lies beside the pictures. */
class FileTreeTest {
  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();

  @Test
  void readsAZipWithBackslashesAsWindowsPacksThem() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : List.of("cats", "dogs")) {
      files.put("pets\\" + name + "\\0.png", png(32, 32, 1));
      files.put("pets\\" + name + "\\1.png", png(32, 32, 2));
      files.put("__MACOSX\\pets\\" + name + "\\._0.png", new byte[] {1});
    }
    ImageSet set = open(zip(StandardCharsets.UTF_8, files));
    assertEquals(List.of("cats", "dogs"), set.classes());
    assertEquals(4, set.count());
    assertFalse(log.stream().anyMatch(line -> line.contains("skipped")), log.toString());
  }

  /** APPNOTE 6.3.10, appendix D: a name that does not say that it is UTF-8 is code page 437. */
  @ParameterizedTest
  @ValueSource(strings = {"IBM437", "UTF-8"})
  void readsNamesInCodePage437AndInUtf8ThatDoesNotSaySo(String charset) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : List.of("Käfer", "Vögel")) {
      files.put(name + "/0.png", png(32, 32, 1));
      files.put(name + "/1.png", png(32, 32, 2));
    }
    Path zip = zip(Charset.forName(charset), files);
    byte[] bytes = Files.readAllBytes(zip);
    for (int i = 0; i < bytes.length - 10; i++) {
      if (bytes[i] == 'P' && bytes[i + 1] == 'K' && (bytes[i + 2] == 1 || bytes[i + 2] == 3)) {
        bytes[i + (bytes[i + 2] == 1 ? 9 : 7)] &= ~8; // the flag that says UTF-8
      }
    }
    Files.write(zip, bytes);
    assertEquals(List.of("Käfer", "Vögel"), open(zip).classes());
  }

  @Test
  void aSecondFileOfOneNameInAZipIsCountedAndSaid() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : List.of("cats/0.png", "cats/1.png", "dogs/0.png", "dogs/2.png")) {
      files.put(name, png(32, 32, files.size()));
    }
    Path zip = zip(StandardCharsets.UTF_8, files);
    byte[] bytes = Files.readAllBytes(zip);
    for (int i = 0; i < bytes.length - 10; i++) {
      if (new String(bytes, i, 10, StandardCharsets.ISO_8859_1).equals("dogs/2.png")) {
        bytes[i + 5] = '0';
      }
    }
    Files.write(zip, bytes);
    assertEquals(3, open(zip).count());
    assertTrue(log.contains("set.zip: skipped 1 of 4 pictures"), log.toString());
    assertTrue(log.contains("  dogs/0.png: a second file of this name in the zip"), log.toString());
  }

  /** APPNOTE 6.3.10, 4.4.4 and 4.4.5: the flags and the method, in each entry and in the list. */
  @ParameterizedTest
  @CsvSource({"3, 1, locked with a password", "5, 14, packed by another method than deflate"})
  void saysWhyAZipCannotBeOpened(int offset, byte value, String reason) throws IOException {
    Path zip = zip(StandardCharsets.UTF_8, Map.of("0.png", png(32, 32, 1)));
    byte[] bytes = Files.readAllBytes(zip);
    for (int i = 0; i < bytes.length - 10; i++) {
      if (bytes[i] == 'P' && bytes[i + 1] == 'K' && (bytes[i + 2] == 1 || bytes[i + 2] == 3)) {
        bytes[i + offset + (bytes[i + 2] == 1 ? 5 : 3)] = value;
      }
    }
    Files.write(zip, bytes);
    DataException e = assertThrows(DataException.class, () -> open(zip));
    assertTrue(
        e.getMessage().startsWith(zip + ": cannot be read: it is " + reason), e.getMessage());
  }

  @Test
  void readsAZipThatUnpacksItselfAndNamesThatLeadOut() throws IOException {
    Path zip =
        zip(
            StandardCharsets.UTF_8,
            Map.of("../a/0.png", png(32, 32, 1), "../b/0.png", png(9, 9, 2)));
    byte[] whole = Files.readAllBytes(zip);
    byte[] program = "#!/bin/sh\nexit\n".getBytes(StandardCharsets.UTF_8);
    byte[] both = Arrays.copyOf(program, program.length + whole.length);
    System.arraycopy(whole, 0, both, program.length, whole.length);
    Files.write(zip, both);
    assertEquals(List.of("a", "b"), open(zip).classes());
  }

  @ParameterizedTest
  @CsvSource({
    "train-images-idx3-ubyte, train-labels-idx1-ubyte",
    "train-images.idx3-ubyte, train-labels.idx1-ubyte",
    "train-images-idx3-ubyte/train-images-idx3-ubyte, train-labels-idx1-ubyte/train-labels-idx1-ubyte",
    "gzip/some-digits-train-images-idx3-ubyte, gzip/some-digits-train-labels-idx1-ubyte"
  })
  void readsIdxFilesUnderTheirUsualNames(String images, String labels) throws IOException {
    byte[] pixels = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4};
    byte[] numbers = {0, 0, 8, 1, 0, 0, 0, 2, 7, 5};
    put(images, pixels);
    put(labels, numbers);
    List<ImageSet> sets =
        List.of(
            open(folder),
            open(folder.resolve(images)),
            open(zip(StandardCharsets.UTF_8, Map.of(images, pixels, labels, numbers))));
    for (ImageSet set : sets) {
      assertEquals(List.of("5", "7"), set.classes());
      assertArrayEquals(new byte[] {1, 2, 3, 4}, set.pixels());
    }
  }

  @Test
  void turnsEmnistOverAndAsksWhichOfItsSetsIsMeant() throws IOException {
    byte[] pixels = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4};
    byte[] numbers = {0, 0, 8, 1, 0, 0, 0, 1, 7};
    put("emnist-letters-train-images-idx3-ubyte", pixels);
    put("emnist-letters-train-labels-idx1-ubyte", numbers);
    assertArrayEquals(new byte[] {1, 3, 2, 4}, open(folder).pixels());
    put("emnist-digits-train-images-idx3-ubyte", pixels);
    DataException e = assertThrows(DataException.class, () -> open(folder));
    assertEquals(
        folder
            + ": holds 2 sets, emnist-digits-train, emnist-letters-train: name the file with the"
            + " images of one, such as "
            + folder.resolve("emnist-digits-train-images-idx3-ubyte"),
        e.getMessage());
  }

  @Test
  void takesLabelsFromStyleGansDatasetJson() throws IOException {
    put("00000/img0.png", png(32, 32, 1));
    put("00000/img1.png", png(32, 32, 2));
    put("00001/img2.png", png(32, 32, 3));
    put(
        "dataset.json",
        "{\"labels\": [[\"00000/img0.png\", 12], [\"00000/img1.png\", 3],"
            + " [\"00001/img2.png\", [0, 0, 0, 1]]]}");
    ImageSet set = open(folder);
    assertEquals(List.of("3", "12"), set.classes());
    assertArrayEquals(new int[] {1, 0, 0}, set.labels());
    put("dataset.json", "{\"labels\": null}");
    assertFalse(open(folder).labelled());
    put("dataset.json", "{\"labels\": [[\"00000/img0.png\", 1], [\"00000/img1.png\", 1]]}");
    assertEquals(2, open(folder).count());
    assertTrue(log.contains("  00001/img2.png: has no label in dataset.json"), log.toString());
    put("dataset.json", "{\"labels\": [[\"00000/img0.png\"");
    assertTrue(
        assertThrows(DataException.class, () -> open(folder))
            .getMessage()
            .startsWith(folder + ": dataset.json: not labels in StyleGAN's form"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file,class\na.png,cat\nb.png,dog\nsub/c.png,cat\n",
        "a.png;cat\nb.png;dog\nsub\\c.png;cat",
        "\ufeffid\tbreed\r\na\tcat\r\nb\tdog\r\nc\tcat\r\n",
        "class,size,\"file name\"\ncat,1,a.png\ndog,2,b.png\n\"cat\",3,c.png\n"
      })
  void takesLabelsFromATable(String table) throws IOException {
    put("a.png", png(32, 32, 1));
    put("b.png", png(32, 32, 2));
    put("sub/c.png", png(32, 32, 3));
    put("labels.csv", table);
    ImageSet set = open(folder);
    assertEquals(List.of("cat", "dog"), set.classes());
    assertArrayEquals(new int[] {0, 1, 0}, set.labels());
  }

  @Test
  void sortsNumbersAmongClassesAsNumbers() throws IOException {
    for (String name : List.of("10", "9", "-1", "100")) {
      put(name + "/a.png", png(32, 32, 1));
      put(name + "/b.png", png(32, 32, 2));
    }
    assertEquals(List.of("-1", "9", "10", "100"), open(folder).classes());
  }

  @Test
  void namesTheClassThatHasLostItsPictures() throws IOException {
    put("cats/1.png", png(32, 32, 1));
    put("cats/2.png", png(32, 32, 1));
    put("dogs/1.heic", "\0\0\0\u001cftypheic".getBytes(StandardCharsets.ISO_8859_1));
    put("films/1.mp4", new byte[] {1});
    assertEquals(List.of("cats"), open(folder).classes());
    String name = folder.getFileName().toString();
    assertTrue(
        log.contains(
            name
                + ": class dogs has lost all of its 1 pictures and is no class any more: left cats"),
        log.toString());
    assertTrue(
        log.contains(name + ": no pictures in the folder films, so no class of that name"),
        log.toString());
    assertTrue(
        log.contains(name + ": passed over 1 file not called a picture, such as films/1.mp4"),
        log.toString());
    assertTrue(
        log.contains("  dogs/1.heic: HEIC and AVIF are not read: convert it to PNG or JPEG"),
        log.toString());
  }

  @Test
  void saysThatPartsOfASetWereTakenForClasses() throws IOException {
    for (String part : List.of("train", "test")) {
      put(part + "/cat/1.png", png(32, 32, 1));
      put(part + "/dog/1.png", png(32, 32, 2));
    }
    assertEquals(List.of("test", "train"), open(folder).classes());
    assertTrue(
        log.contains(
            folder.getFileName()
                + ": the folders test, train were taken for classes; if they are parts of one set,"
                + " name the one to learn from: "
                + folder.resolve("train")),
        log.toString());
  }

  @Test
  void countsLinksThatLeadNowhere() throws IOException {
    put("a.png", png(32, 32, 1));
    Files.createSymbolicLink(folder.resolve("b.png"), folder.resolve("gone.png"));
    assertEquals(1, open(folder).count());
    assertEquals(
        List.of(
            folder.getFileName() + ": skipped 1 of 2 pictures",
            "  b.png: a link that leads nowhere"),
        log.subList(0, 2));
  }

  @Test
  void readsPicturesBesideTheFoldersOfClassesWhenLabelsAreNotWanted() throws IOException {
    put("cats/1.png", png(32, 32, 1));
    put("stray.png", png(32, 32, 2));
    DataOptions options =
        DataOptions.defaults().withLabels(DataOptions.Labels.IF_USABLE).withLog(log::add);
    ImageSet set = DataSets.open(folder.toString(), options);
    assertEquals(2, set.count());
    assertFalse(set.labelled());
    assertTrue(log.get(0).contains("its labels are left unread: "), log.toString());
  }

  @Test
  void keepsThePicturesOwnSizeAsLongAsTheyAgree() throws IOException {
    put("a.png", png(48, 48, 1));
    put("b.png", png(60, 48, 2));
    ImageSet own = open(folder);
    assertEquals(48, own.height());
    assertEquals(
        folder.getFileName()
            + ": 2 pictures of 48x48 to 60x48; of 1 the largest centred square, at its own size",
        log.get(0));
    put("c.png", png(200, 100, 3));
    ImageSet usual = open(folder);
    assertEquals(DataOptions.DEFAULT_IMAGE_SIZE, usual.height());
    String told = log.get(0);
    // The first, brought to the usual size after the third had come, as it is when asked for.
    assertArrayEquals(
        DataSets.open(folder.toString(), DataOptions.defaults().withImageSize(64)).pixels(),
        usual.pixels());
    assertTrue(told.endsWith("; 1 reduced and 2 enlarged to 64x64"), told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a.csv; file,class,size and more; is a table: save its images as NPY or NPZ",
        "a.parquet; PAR1; is a Parquet file: save its images",
        "a.pkl; \u0080\u0004\u0095; is a Python pickle: save its images",
        "a.7z; 7z\u00bc\u00af; is a 7z archive: unpack it",
        "a.jpg; \u00ff\u00d8\u00ff; is a picture: give the folder that it lies in",
        "notes.txt; these are only words; is text: give a folder or zip of pictures",
        "a.onnx; '\b\b\u0012\u0005djinn'; is an ONNX model, not data: give a folder",
        "a.bin; \u0003\u0001\u00f0; is of no kind that is known: give a folder or zip of pictures",
        "a.zip; PK\u0003\u0004; cannot be read: it is no zip, or its end is missing, where a zip lists",
      })
  void saysWhatAFileOfAnotherKindIs(String name, String start, String message) throws IOException {
    Path file = put(name, start.getBytes(StandardCharsets.ISO_8859_1));
    DataException e = assertThrows(DataException.class, () -> open(file));
    assertTrue(e.getMessage().startsWith(file + ": " + message), e.getMessage());
  }

  private ImageSet open(Path path) {
    log.clear();
    return DataSets.open(path.toString(), DataOptions.defaults().withLog(log::add));
  }

  private Path put(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private Path put(String name, String text) throws IOException {
    return put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path zip(Charset names, Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes, names)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    Path elsewhere = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-zip"));
    return Files.write(elsewhere.resolve("set.zip"), bytes.toByteArray());
  }

  private static byte[] png(int width, int height, int seed) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, (i * 7 + seed * 40) & 0xffffff);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, "png", bytes));
    return bytes.toByteArray();
  }
}
