package dev.djinn.picture;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a TIFF says about its pixels. The reader behind ImageIO gives numbers for nearly everything;
 * this decides which of them are colours that are known.
 *
 * @see <a href="https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf">TIFF 6.0</a>
 */
final class TiffFile {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int PHOTOMETRIC = 262;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;
  private static final int INK_SET = 332;
  private static final int PROFILE = 34675;

  private static final int WHITE_IS_ZERO = 0;
  private static final int BLACK_IS_ZERO = 1;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int INKS = 5;
  private static final int LUMA_AND_DIFFERENCES = 6;

  private static final int UNSIGNED = 1;
  private static final int FLOATS = 3;
  private static final int UNDEFINED = 4;

  private final byte[] file;
  private final TiffTags tags;
  private final int photometric;
  private final int format;
  private final int bits;

  private TiffFile(byte[] file, TiffTags tags) {
    this.file = file;
    this.tags = tags;
    photometric = (int) tags.value(PHOTOMETRIC, -1);
    format = (int) tags.value(SAMPLE_FORMAT, UNSIGNED);
    bits = (int) tags.value(BITS, 1);
  }

  /**
   * Reads the first directory.
   *
   * @throws UnusablePicture if its numbers are not known to be colours
   */
  static TiffFile read(byte[] file) throws UnusablePicture {
    TiffFile tiff = new TiffFile(file, TiffTags.read(ByteBuffer.wrap(file)));
    tiff.check();
    return tiff;
  }

  private void check() throws UnusablePicture {
    Picture.checkSize(tags.value(WIDTH, 0), tags.value(HEIGHT, 0));
    switch (photometric) {
      case WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, LUMA_AND_DIFFERENCES -> {}
      case INKS -> {
        if (tags.value(INK_SET, 1) != 1) {
          throw new UnusablePicture("inks other than cyan, magenta, yellow and black are not read");
        }
      }
      case 8, 9, 10 -> throw new UnusablePicture("colours in CIELAB are not read");
      case -1 ->
          throw new UnusablePicture("it does not say what its numbers mean (no photometric tag)");
      default ->
          throw new UnusablePicture("TIFF photometric %d is not read".formatted(photometric));
    }
    boolean whole = format == UNSIGNED || format == UNDEFINED;
    if (!whole && format != FLOATS) {
      throw new UnusablePicture(
          "%s of %d bits have no agreed black and white"
              .formatted(format == 2 ? "signed integers" : "complex numbers", bits));
    }
    if (whole && bits < 16 && Integer.bitCount(bits) != 1) {
      throw new UnusablePicture("integers of %d bits are not read".formatted(bits));
    }
    if (whole && bits > 16) {
      throw new UnusablePicture(
          "integers of %d bits have no agreed black and white".formatted(bits));
    }
    if (format == FLOATS
        && photometric != WHITE_IS_ZERO
        && photometric != BLACK_IS_ZERO
        && photometric != RGB) {
      throw new UnusablePicture("floats are read as grey and RGB only");
    }
  }

  StoredColours samples() throws UnusablePicture {
    boolean alpha = alphaKind() != 0;
    StoredColours samples;
    if (format == FLOATS) {
      samples = floats(ImageReaders.readRaster("tiff", file), alpha);
    } else {
      BufferedImage image = ImageReaders.read("tiff", file);
      samples =
          photometric == PALETTE || image.getColorModel() instanceof IndexColorModel
              ? StoredColours.of(image)
              : StoredColours.of(colours(image.getRaster(), alpha), alpha);
    }
    if (alphaKind() == 1 && samples.alpha().isPresent()) {
      samples.divideByAlpha();
    }
    return samples;
  }

  /** 0 for no alpha, 1 if the colours were multiplied by it, 2 if not. */
  private int alphaKind() {
    int extra = tags.count(EXTRA_SAMPLES) == 0 ? 0 : (int) tags.value(EXTRA_SAMPLES, 0);
    return extra == 1 || extra == 2 ? extra : 0;
  }

  /** Without bands that are neither colour nor alpha. */
  private Raster colours(Raster raster, boolean alpha) {
    int wanted = opaque() + (alpha ? 1 : 0);
    if (raster.getNumBands() <= wanted) {
      return raster;
    }
    int[] bands = new int[wanted];
    for (int i = 0; i < wanted; i++) {
      bands[i] = i;
    }
    return raster.createChild(
        raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), 0, 0, bands);
  }

  private int opaque() {
    return switch (photometric) {
      case RGB, LUMA_AND_DIFFERENCES -> 3;
      case INKS -> 4;
      default -> 1;
    };
  }

  private StoredColours floats(Raster all, boolean alpha) throws UnusablePicture {
    Raster raster = colours(all, alpha);
    int bands = raster.getNumBands();
    StoredColours samples =
        StoredColours.blank(raster.getHeight(), raster.getWidth(), opaque(), alpha);
    double[] row = new double[samples.width() * bands];
    for (int y = 0; y < samples.height(); y++) {
      raster.getPixels(0, y, samples.width(), 1, row);
      for (int i = 0; i < row.length; i++) {
        if (!(row[i] >= 0 && row[i] <= 1)) {
          throw new UnusablePicture(
              "a float of %s is not from 0 (black) to 1 (white)".formatted(row[i]));
        }
        int band = i % bands;
        double value = photometric == WHITE_IS_ZERO && band == 0 ? 1 - row[i] : row[i];
        byte[] plane = band < opaque() ? samples.planes()[band] : samples.alpha().orElseThrow();
        plane[y * samples.width() + i / bands] = (byte) (int) Math.rint(value * 255);
      }
    }
    return samples;
  }

  Optional<byte[]> profile() {
    return tags.has(PROFILE) ? Optional.of(tags.bytes(PROFILE)) : Optional.empty();
  }

  Orientation orientation() {
    return Orientation.of(tags);
  }
}
