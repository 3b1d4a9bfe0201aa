package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Mnist10kTest {
  private final ImageSet set = DataSets.open("mnist-10k", DataOptions.defaults());

  @Test
  void isTenThousandGreyDigits() {
    assertEquals("mnist-10k: 10000 images of 28x28x1, 10 classes", set.toString());
    // Counted in the labels of MNIST's own training file.
    assertArrayEquals(
        new int[] {1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978}, set.classCounts());
  }

  @Test
  void holdsThePixelsThatTheScriptChecked() throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(new byte[] {0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28});
    sha.update(set.pixels());
    assertEquals(
        "2c12d6c8424f4461bc85753d48d3772ef04053170f80ccad10d9b5d0e8110db5",
        HexFormat.of().formatHex(sha.digest()));
  }

  @Test
  void spreadsTheDigitsOverTheFile() {
    int[] first = new int[10];
    for (int i = 0; i < 100; i++) {
      first[set.labels()[i]]++;
    }
    for (int digit = 0; digit < 10; digit++) {
      assertEquals(10, first[digit], 2, "digit " + digit);
    }
  }
}
