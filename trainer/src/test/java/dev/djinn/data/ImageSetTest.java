package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ImageSetTest {
  private static final List<String> AB = List.of("a", "b");

  @Test
  void countsImagesAndClasses() {
    ImageSet set = new ImageSet("x", 1, 1, 2, new byte[6], new int[] {1, 0, 1}, AB);
    assertEquals(3, set.count());
    assertArrayEquals(new int[] {1, 2}, set.classCounts());
  }

  @Test
  void checksumsContentAndNotNames() {
    String checksum = set("x", 1, 2, new byte[] {1, 2}, 0).checksum();
    assertEquals(checksum, set("y", 1, 2, new byte[] {1, 2}, 0).checksum());
    assertNotEquals(checksum, set("x", 2, 1, new byte[] {1, 2}, 0).checksum());
    assertNotEquals(checksum, set("x", 1, 2, new byte[] {1, 3}, 0).checksum());
    assertNotEquals(checksum, set("x", 1, 2, new byte[] {1, 2}, 1).checksum());
    // Computed with sha256sum over the bytes that make it up.
    assertEquals("6ba9693f1f135747c44d2f45ff631369b0d73d28a3d08c10be27b56ff7eca566", checksum);
  }

  @Test
  void picksImagesWithTheirLabelsInTheOrderWishedFor() {
    byte[] pixels = {1, 2, 3, 4, 5, 6};
    ImageSet picked = new ImageSet("x", 1, 1, 2, pixels, new int[] {1, 0, 1}, AB).pick(2, 1, 2);
    assertArrayEquals(new byte[] {5, 6, 3, 4, 5, 6}, picked.pixels());
    assertArrayEquals(new int[] {1, 0, 1}, picked.labels());
    ImageSet plain = new ImageSet("x", 1, 1, 2, pixels, new int[0], List.of()).pick(0);
    assertArrayEquals(new byte[] {1, 2}, plain.pixels());
    assertArrayEquals(new int[0], plain.labels());
  }

  @Test
  void rejectsPartsThatDoNotFit() {
    assertEquals("x: holds no images", failure(new byte[0], new int[0], List.of()));
    assertEquals(
        "x: 3 bytes are not whole images of 2", failure(new byte[3], new int[0], List.of()));
    assertEquals("x: 1 labels for 2 images", failure(new byte[4], new int[] {0}, AB));
    assertEquals(
        "x: label 2 of image 1 is not in 0 to 1", failure(new byte[4], new int[] {0, 2}, AB));
    assertEquals(
        "x: 2 labels but 0 class names", failure(new byte[4], new int[] {0, 0}, List.of()));
  }

  private static ImageSet set(String name, int height, int width, byte[] pixels, int label) {
    return new ImageSet(name, 1, height, width, pixels, new int[] {label}, AB);
  }

  private static String failure(byte[] pixels, int[] labels, List<String> classes) {
    return assertThrows(
            DataException.class, () -> new ImageSet("x", 1, 1, 2, pixels, labels, classes))
        .getMessage();
  }
}
