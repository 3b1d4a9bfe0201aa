package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"mnits", "", " ", "no/such/folder", "a\0b"})
  void namesTheKnownSetsWhenItKnowsNoneOfThatName(String name) {
    UnknownDataException e =
        assertThrows(UnknownDataException.class, () -> DataSets.open(name, options()));
    assertEquals(
        "unknown data set '%s'; %s mnist-10k, mnist, mnist-test, fashion-mnist, fashion-mnist-test, mnist-55k, stacked-mnist; or give a file or folder"
            .formatted(name, name.equals("mnits") ? "did you mean mnist? Known are" : "known are"),
        e.getMessage());
  }

  @Test
  void readsAnIdxFileWithTheLabelsBesideIt() throws IOException {
    Path images =
        write("some-images-idx3-ubyte", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9);
    assertEquals(List.of(), DataSets.open(images.toString(), options()).classes());
    write("some-labels-idx1-ubyte", 0, 0, 8, 1, 0, 0, 0, 1, 2);
    ImageSet set = DataSets.open(images.toString(), options());
    assertEquals("some-images-idx3-ubyte: 1 images of 1x1x1, 1 class", set.toString());
    assertEquals(List.of("2"), set.classes());
  }

  @ParameterizedTest
  @CsvSource({"'', .gz", ".gz, ''"})
  void findsLabelsPackedOrNotBesideAnIdxFile(String images, String labels) throws IOException {
    byte[] pixels = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9};
    Path file = packed("some-images-idx3-ubyte" + images, pixels);
    packed("some-labels-idx1-ubyte" + labels, new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 2});
    assertEquals(List.of("2"), DataSets.open(file.toString(), options()).classes());
  }

  private Path packed(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    OutputStream out = Files.newOutputStream(file);
    try (OutputStream to = name.endsWith(".gz") ? new GZIPOutputStream(out) : out) {
      to.write(bytes);
    }
    return file;
  }

  @Test
  void saysHowToTakeAFoldersTestHalf() throws IOException {
    Path images =
        write("t10k-images-idx3-ubyte", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9);
    DataException e =
        assertThrows(DataException.class, () -> DataSets.open(folder.toString(), options()));
    assertEquals(
        folder
            + ": has the test half only, no train-images-idx3-ubyte; to take that half, name "
            + images,
        e.getMessage());
    assertEquals(1, DataSets.open(images.toString(), options()).count());
  }

  @Test
  void readsAFolderWithMnistsFiles() throws IOException {
    write("train-images-idx3-ubyte", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9);
    write("train-labels-idx1-ubyte", 0, 0, 8, 1, 0, 0, 0, 1, 0);
    ImageSet set = DataSets.open(folder.toString(), options());
    assertEquals(folder.getFileName().toString(), set.name());
    assertArrayEquals(new byte[] {9}, set.pixels());
  }

  @Test
  void resizesAndColoursKnownSetsAndSaysSo() {
    List<String> log = new ArrayList<>();
    DataOptions larger =
        options().withImageSize(32).withColour(DataOptions.Colour.RGB).withLog(log::add);
    ImageSet set = DataSets.open("mnist-10k", larger);
    assertEquals(List.of("mnist-10k: images of 28x28, enlarged to 32x32"), log);
    assertEquals("mnist-10k: 10000 images of 32x32x3, 10 classes", set.toString());
    int plane = 32 * 32;
    assertTrue(Arrays.equals(set.pixels(), 0, plane, set.pixels(), plane, 2 * plane));
    ImageSet grey =
        Fitting.to(set, options().withImageSize(32).withColour(DataOptions.Colour.GREY));
    assertArrayEquals(Arrays.copyOf(set.pixels(), plane), Arrays.copyOf(grey.pixels(), plane));
  }

  @Test
  void findsWhatIsHeldOutOfASet() throws IOException {
    assertEquals(Optional.empty(), DataSets.heldOut("stacked-mnist", options()));
    assertEquals(Optional.empty(), DataSets.heldOut("fashion-mnist-test", options()));
    Path set = folder.resolve("set");
    Files.createDirectories(set);
    for (String half : List.of("train", "t10k")) {
      int value = half.equals("train") ? 7 : 9;
      Files.write(
          set.resolve(half + "-images-idx3-ubyte"),
          new byte[] {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, (byte) value});
    }
    ImageSet held = DataSets.heldOut(set.toString(), options()).orElseThrow();
    assertArrayEquals(new byte[] {0, 9}, held.pixels());
    Files.delete(set.resolve("t10k-images-idx3-ubyte"));
    assertEquals(Optional.empty(), DataSets.heldOut(set.toString(), options()));
  }

  @Test
  void stacksThreeDigitsAndLabelsThemAsANumber() {
    ImageSet base = DataSets.open("mnist-10k", options());
    ImageSet set = DataSets.open("stacked-mnist", options().withSeed(5));
    assertEquals("stacked-mnist: 10000 images of 28x28x3, 1000 classes", set.toString());
    assertEquals("427", set.classes().get(427));
    // Each channel must be a digit of the base whose label is the label's digit in that place.
    Map<String, Integer> digits = new HashMap<>();
    for (int i = 0; i < base.count(); i++) {
      digits.put(image(base, i), base.labels()[i]);
    }
    for (int i = 0; i < 200; i++) {
      int label = set.labels()[i];
      int[] expected = {label / 100, label / 10 % 10, label % 10};
      for (int c = 0; c < 3; c++) {
        assertEquals(
            expected[c], digits.get(image(set, 3 * i + c)), "image " + i + " channel " + c);
      }
    }
    long modes = Arrays.stream(set.classCounts()).filter(count -> count > 0).count();
    assertEquals(1000.0, (double) modes, 5); // 10,000 draws miss a mode with probability e^-10
  }

  @Test
  void stacksTheSameForTheSameSeed() {
    String checksum = DataSets.open("stacked-mnist", options().withSeed(5)).checksum();
    assertEquals(
        checksum, DataSets.open("stacked-mnist:mnist-10k", options().withSeed(5)).checksum());
    assertNotEquals(checksum, DataSets.open("stacked-mnist", options().withSeed(6)).checksum());
  }

  @Test
  void refusesToStackWhatIsNotTenClasses() throws IOException {
    Path images = write("i", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9);
    DataException e =
        assertThrows(
            DataException.class, () -> DataSets.open("stacked-mnist:" + images, options()));
    assertEquals(
        "stacked-mnist:i: needs grey images of 10 classes, and i: 1 images of 1x1x1 is not that",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "mnist-10k, mnist-10k, mnist-10k",
    "stacked-mnist:mnist, stacked-mnist:mnist, stacked-mnist:mnist",
    "/home/me/../photos, /home/photos, photos",
    "stacked-mnist:/data/./digits, stacked-mnist:/data/digits, stacked-mnist:digits"
  })
  void namesSetsForOtherFoldersAndOtherMachines(String given, String portable, String bare) {
    assertEquals(portable, DataSets.portable(given));
    assertEquals(bare, DataSets.withoutFolders(given));
  }

  @Test
  void findsARelativePathAgainFromAnotherFolder() {
    String here = Path.of("").toAbsolutePath().toString();
    assertEquals(here + "/photos", DataSets.portable("photos"));
    assertEquals("stacked-mnist:" + here + "/digits", DataSets.portable("stacked-mnist:digits"));
  }

  @Test
  void takesTheCacheFromTheEnvironment() {
    assertEquals(
        Path.of("/a"),
        DataOptions.defaultCache(Map.of("DJINN_CACHE", "/a", "XDG_CACHE_HOME", "/b")));
    assertEquals(
        Path.of("/b/djinn"),
        DataOptions.defaultCache(Map.of("DJINN_CACHE", "", "XDG_CACHE_HOME", "/b")));
    assertEquals(
        Path.of(System.getProperty("user.home"), ".cache/djinn"),
        DataOptions.defaultCache(Map.of()));
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 257, 0, 1024})
  void refusesAnImageSizeOutOfRange(int side) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> options().withImageSize(side));
    assertEquals("image size " + side + " is not in 16 to 256 a side", e.getMessage());
  }

  private DataOptions options() {
    return DataOptions.defaults().withCache(folder.resolve("cache"));
  }

  private static String image(ImageSet set, int plane) {
    return Arrays.toString(Arrays.copyOfRange(set.pixels(), plane * 784, (plane + 1) * 784));
  }

  private Path write(String name, int... values) throws IOException {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Files.write(folder.resolve(name), bytes);
  }

  @Test
  void knowsTheLicenceOfWhatItNames() {
    assertEquals(Optional.of("CC BY-SA 3.0"), DataSets.licence("mnist-10k"));
    assertEquals(Optional.of("CC BY-SA 3.0"), DataSets.licence("stacked-mnist"));
    assertEquals(Optional.of("MIT"), DataSets.licence("stacked-mnist:fashion-mnist-test"));
    assertEquals(Optional.empty(), DataSets.licence("photos"));
  }

  /** TensorFlow 1's reader of MNIST put the first 5,000 aside to validate with. */
  @Test
  void theSplitOfMnistLeavesTheFirstFiveThousandOut() throws IOException {
    int count = 5_003;
    byte[] pixels = new byte[16 + count];
    byte[] labels = new byte[8 + count];
    System.arraycopy(
        new byte[] {0, 0, 8, 3, 0, 0, 0x13, (byte) 0x8b, 0, 0, 0, 1, 0, 0, 0, 1}, 0, pixels, 0, 16);
    System.arraycopy(new byte[] {0, 0, 8, 1, 0, 0, 0x13, (byte) 0x8b}, 0, labels, 0, 8);
    for (int i = 0; i < count; i++) {
      pixels[16 + i] = (byte) (i % 251);
      labels[8 + i] = (byte) (i % 10);
    }
    Path mnist = Files.createDirectories(folder.resolve("cache/data/mnist"));
    Files.write(mnist.resolve("train-images-idx3-ubyte"), pixels);
    Files.write(mnist.resolve("train-labels-idx1-ubyte"), labels);
    ImageSet set = DataSets.open("mnist-55k", options());
    assertEquals("mnist-55k", set.name());
    assertArrayEquals(
        new byte[] {(byte) (5_000 % 251), (byte) (5_001 % 251), (byte) (5_002 % 251)},
        set.pixels());
    assertArrayEquals(new int[] {0, 1, 2}, set.labels());
    assertEquals(DataSets.licence("mnist"), DataSets.licence("mnist-55k"));
    assertEquals("mnist-55k", DataSets.portable("mnist-55k"));
  }
}
