package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxReaderTest {
  private static final byte[] PIXELS = {
    0, 1, 127, (byte) 128, (byte) 200, (byte) 255, 7, 8, 9, 10, 11, 12
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsImagesAndLabelsPlainAndPacked(boolean packed) {
    ImageSet set = read(write("i", packed, images()), write("l", packed, idx(1, 2).with(0, 4)), 10);

    assertEquals(2, set.count());
    assertEquals(1, set.channels());
    assertEquals(2, set.height());
    assertEquals(3, set.width());
    assertArrayEquals(PIXELS, set.pixels());
    assertArrayEquals(new int[] {0, 4}, set.labels());
  }

  @Test
  void namesTheClassesThatOccurByTheirNumber() {
    ImageSet set = read(write("i", false, images()), write("l", false, idx(1, 2).with(0, 2)), 0);
    assertEquals(List.of("0", "2"), set.classes());
    assertArrayEquals(new int[] {0, 1}, set.labels());
  }

  @Test
  void readsImagesWithoutLabels() {
    ImageSet set =
        IdxReader.read("x", source(write("i", false, images())), Optional.empty(), List.of());
    assertFalse(set.labelled());
    assertEquals(List.of(), set.classes());
  }

  @Test
  void namesFileOffsetAndValueOfAWrongMagicNumber() {
    Path file = write("i", false, idx(2, 12).with(PIXELS));
    assertFails(
        file,
        file
            + ": byte 0: magic number is 0x00000802, but an IDX file of images starts with 0x00000803");
  }

  @Test
  void saysWhichFileIsWantedInsteadOfLabels() {
    Path file = write("i", false, idx(1, 12).with(PIXELS));
    assertFails(
        file,
        file
            + ": byte 0: holds labels: give the file with the images, such as train-images-idx3-ubyte");
  }

  @Test
  void saysWhatElementsItHasThatAreNotBytes() throws IOException {
    Path file = Files.write(folder.resolve("i"), new byte[] {0, 0, 0x0d, 3, 0, 0, 0, 1});
    assertFails(file, "byte 2: elements are floats: save them as unsigned bytes (numpy.uint8)");
  }

  @Test
  void rejectsATextFile() throws IOException {
    Path file = Files.writeString(folder.resolve("i"), "<html>not found</html>");
    assertFails(file, "magic number is 0x3c68746d");
  }

  @Test
  void rejectsAnEmptyFile() throws IOException {
    assertFails(
        Files.createFile(folder.resolve("i")),
        "byte 0: truncated: the file ends in the magic number");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 7, 8, 12, 15, 16, 17, 27})
  void rejectsPlainFilesCutAnywhere(int length) throws IOException {
    Path whole = write("whole", false, images());
    Path cut = Files.write(folder.resolve("i"), Arrays.copyOf(Files.readAllBytes(whole), length));
    assertFails(cut, "truncated");
  }

  @Test
  void rejectsPackedFilesCutAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(write("whole", true, images()));
    for (int length = 2; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("i"), Arrays.copyOf(whole, length));
      DataException e =
          assertThrows(
              DataException.class,
              () -> IdxReader.read("x", source(cut), Optional.empty(), List.of()),
              "cut to " + length);
      assertTrue(e.getMessage().startsWith(cut.toString()), e.getMessage());
    }
  }

  @Test
  void rejectsPackedFilesWithFlippedBytes() throws IOException {
    byte[] broken = Files.readAllBytes(write("whole", true, images()));
    broken[broken.length - 6] ^= 1; // in the checksum
    Path file = Files.write(folder.resolve("i"), broken);
    assertFails(file, file + ": cannot be read: ");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rejectsTrailingBytes(boolean packed) {
    Path file = write("i", packed, images().with(0));
    assertFails(
        file,
        "byte 28%s: the file goes on after the 12 bytes that its header promises"
            .formatted(packed ? " (unpacked)" : ""));
  }

  @Test
  void rejectsSizesBeyondMemoryBeforeAllocating() {
    Path file = write("i", true, idx(3, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
    assertFails(file, "more than one set may hold");
  }

  @Test
  void rejectsAPackedHeaderThatNoFileOfItsLengthCanKeepBeforeAllocating() {
    Path file = write("i", true, idx(3, 2_000_000, 28, 28));
    assertFails(file, "truncated: the header promises 1568000000 bytes, at most");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void rejectsSizesBelowOne(int size) {
    assertFails(write("i", false, idx(3, 2, size, 3)), "byte 8: size 2 of 3 is " + size);
  }

  @Test
  void rejectsLabelsThatDifferInCount() {
    Path images = write("i", false, images());
    Path labels = write("l", false, idx(1, 3).with(0, 1, 2));
    DataException e = assertThrows(DataException.class, () -> read(images, labels, 10));
    assertEquals(labels + ": byte 4: 3 labels, but " + images + " holds 2 images", e.getMessage());
  }

  @Test
  void rejectsALabelOutOfRange() {
    Path labels = write("l", false, idx(1, 2).with(3, 10));
    DataException e =
        assertThrows(DataException.class, () -> read(write("i", false, images()), labels, 10));
    assertEquals(labels + ": byte 9: label 10 is not in 0 to 9", e.getMessage());
  }

  @Test
  void saysThatAFileIsMissing() {
    Path missing = folder.resolve("missing");
    DataException e = assertThrows(DataException.class, () -> source(missing));
    assertEquals(missing + ": cannot be read: no such file or folder", e.getMessage());
  }

  private void assertFails(Path images, String message) {
    DataException e =
        assertThrows(
            DataException.class,
            () -> IdxReader.read("x", source(images), Optional.empty(), List.of()));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static ImageSet read(Path images, Path labels, int classes) {
    return IdxReader.read(
        "x", source(images), Optional.of(source(labels)), IdxFamily.DIGITS.subList(0, classes));
  }

  private static DataFile source(Path file) {
    return DataFile.of(file);
  }

  private static Idx images() {
    return idx(3, 2, 2, 3).with(PIXELS);
  }

  private static Idx idx(int rank, int... sizes) {
    Idx idx = new Idx();
    idx.write(new byte[] {0, 0, 8, (byte) rank});
    for (int size : sizes) {
      idx.write(
          new byte[] {
            (byte) (size >>> 24), (byte) (size >>> 16), (byte) (size >>> 8), (byte) size
          });
    }
    return idx;
  }

  private Path write(String name, boolean packed, Idx idx) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = packed ? new GZIPOutputStream(bytes) : bytes) {
      out.write(idx.bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      return Files.write(folder.resolve(name), bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of a file, written by hand so that nothing here shares code with the reader. */
  private static final class Idx {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void write(byte[] more) {
      bytes.writeBytes(more);
    }

    Idx with(byte[] more) {
      write(more);
      return this;
    }

    Idx with(int... more) {
      for (int value : more) {
        bytes.write(value);
      }
      return this;
    }
  }
}
