package dev.djinn.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ColourProfileTest {
  private static byte[] profile(int space) {
    return ICC_Profile.getInstance(space).getData();
  }

  /** Of 2,000 small photographs with one each, looking at it took most of the time. */
  @Test
  void aProfileThatManyPicturesShareIsLookedAtOnce() {
    byte[] linear = profile(ColorSpace.CS_LINEAR_RGB);
    ColourProfile first = ColourProfile.of(linear, 3).orElseThrow();
    assertSame(first, ColourProfile.of(linear.clone(), 3).orElseThrow());
    assertEquals(Optional.empty(), ColourProfile.of(profile(ColorSpace.CS_sRGB), 3));
    assertEquals(Optional.empty(), ColourProfile.of(linear, 1));
    // 1.055 · (55 / 255)^(1 / 2.4) − 0.055 = 0.502
    byte[] colours = new byte[3];
    first.toSrgb(new byte[][] {{55}, {55}, {55}}, colours);
    assertArrayEquals(new byte[] {(byte) 128, (byte) 128, (byte) 128}, colours);
  }
}
