package dev.djinn.picture;

import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BandedSampleModel;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** An embedded ICC profile that says which colours the numbers of a picture are. */
final class ColourProfile {
  /** Pixels that are converted at a time. */
  private static final int CHUNK = 1 << 16;

  /** How many are remembered; the pictures of a set seldom have more than one. */
  private static final int KEPT = 16;

  /** Looking at a profile takes longer than decoding a small picture. */
  private static final Map<Key, Optional<ColourProfile>> KNOWN =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Optional<ColourProfile>> eldest) {
              return size() > KEPT;
            }
          });

  private final ColorConvertOp conversion;
  private final int components;

  /** A profile's content, and what it is to be for. */
  private record Key(ByteBuffer profile, int components) {}

  private ColourProfile(ColorConvertOp conversion, int components) {
    this.conversion = conversion;
    this.components = components;
  }

  /**
   * A profile, or empty if it says no more than is assumed without one: if it is sRGB under another
   * name, is broken, or is for other numbers than the picture has.
   *
   * @param components 1 grey, 3 red, green and blue, 4 inks
   */
  static Optional<ColourProfile> of(byte[] bytes, int components) {
    Key key = new Key(ByteBuffer.wrap(bytes), components);
    Optional<ColourProfile> known = KNOWN.get(key);
    if (known == null) {
      known = read(bytes, components);
      KNOWN.put(key, known);
    }
    return known;
  }

  private static Optional<ColourProfile> read(byte[] bytes, int components) {
    try {
      ICC_Profile profile = ICC_Profile.getInstance(bytes);
      int type =
          switch (components) {
            case 1 -> ColorSpace.TYPE_GRAY;
            case 3 -> ColorSpace.TYPE_RGB;
            default -> ColorSpace.TYPE_CMYK;
          };
      if (profile.getColorSpaceType() != type) {
        return Optional.empty();
      }
      ICC_Profile[] way = {
        profile, ((ICC_ColorSpace) ColorSpace.getInstance(ColorSpace.CS_sRGB)).getProfile()
      };
      ColourProfile known = new ColourProfile(new ColorConvertOp(way, null), components);
      return known.isPlain() ? Optional.empty() : Optional.of(known);
    } catch (IllegalArgumentException | CMMException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /** Whether it changes no colour by more than rounding does. */
  private boolean isPlain() {
    int steps = components == 1 ? 256 : 17;
    int count = components == 1 ? steps : steps * steps * steps;
    byte[][] from = new byte[components][count];
    if (components == 4) {
      // Inks are converted in any case; this shows whether the profile can be used at all.
      toSrgb(from, new byte[3 * count]);
      return false;
    }
    for (int i = 0; i < count; i++) {
      for (int c = 0, rest = i; c < components; c++, rest /= steps) {
        from[c][i] = (byte) (rest % steps * 255 / (steps - 1));
      }
    }
    byte[] to = new byte[3 * count];
    toSrgb(from, to);
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < 3; c++) {
        int was = from[components == 1 ? 0 : c][i] & 0xff;
        if (Math.abs((to[c * count + i] & 0xff) - was) > 1) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Converts all pixels.
   *
   * @param planes shape (components, pixels)
   * @param colours takes red, green and blue, shape (3, pixels)
   */
  void toSrgb(byte[][] planes, byte[] colours) {
    int count = planes[0].length;
    for (int from = 0; from < count; from += CHUNK) {
      int pixels = Math.min(CHUNK, count - from);
      byte[][] to = new byte[3][pixels];
      byte[][] part = new byte[components][pixels];
      for (int c = 0; c < components; c++) {
        System.arraycopy(planes[c], from, part[c], 0, pixels);
      }
      conversion.filter(raster(part), raster(to));
      for (int c = 0; c < 3; c++) {
        System.arraycopy(to[c], 0, colours, c * count + from, pixels);
      }
    }
  }

  private static WritableRaster raster(byte[][] planes) {
    int pixels = planes[0].length;
    return Raster.createWritableRaster(
        new BandedSampleModel(DataBuffer.TYPE_BYTE, pixels, 1, planes.length),
        new DataBufferByte(planes, pixels),
        null);
  }
}
