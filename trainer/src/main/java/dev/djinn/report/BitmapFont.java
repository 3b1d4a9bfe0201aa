package dev.djinn.report;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Printable ASCII in 5×7 pixels. java.awt's text needs the system's fonts, which a headless Java
 * may not have.
 */
final class BitmapFont {
  /** Columns from one character to the next, at scale 1. */
  static final int ADVANCE = 6;

  /** Rows of a line with its descenders, at scale 1. */
  static final int HEIGHT = 9;

  /** Rows above the base line, at scale 1. */
  static final int ASCENT = 7;

  private static final int COLUMNS = 5;
  private static final int[] UNKNOWN = {0x1F, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1F};
  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern SPACE = Pattern.compile(" ");
  private static final Map<Character, int[]> GLYPHS = read();

  private BitmapFont() {}

  /** Columns that a text takes. */
  static int width(String text, int scale) {
    int characters = plain(text).length();
    return characters == 0 ? 0 : (characters * ADVANCE - 1) * scale;
  }

  /** Letters without their accents, which the font lacks: a word stays readable. */
  private static String plain(String text) {
    return text.chars().allMatch(c -> c < 128)
        ? text
        : MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD)).replaceAll("");
  }

  /**
   * Draws a text with its upper left corner at (x, y); what falls outside the image is not drawn.
   *
   * @param colour a value for each band of the image
   */
  static void draw(BufferedImage image, String text, int x, int y, int scale, int... colour) {
    String letters = plain(text);
    for (int i = 0; i < letters.length(); i++) {
      glyph(image.getRaster(), letters.charAt(i), x + i * ADVANCE * scale, y, scale, colour);
    }
  }

  private static void glyph(WritableRaster raster, char c, int x, int y, int scale, int[] colour) {
    int[] rows = c == ' ' ? new int[0] : GLYPHS.getOrDefault(c, UNKNOWN);
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        if (((rows[row] >> (COLUMNS - 1 - column)) & 1) != 0) {
          dot(raster, x + column * scale, y + row * scale, scale, colour);
        }
      }
    }
  }

  private static void dot(WritableRaster raster, int left, int top, int scale, int[] colour) {
    for (int y = Math.max(0, top); y < Math.min(raster.getHeight(), top + scale); y++) {
      for (int x = Math.max(0, left); x < Math.min(raster.getWidth(), left + scale); x++) {
        raster.setPixel(x, y, colour);
      }
    }
  }

  private static Map<Character, int[]> read() {
    Map<Character, int[]> glyphs = new TreeMap<>();
    try (InputStream in = BitmapFont.class.getResourceAsStream("font.txt");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("//")) {
          continue;
        }
        int[] bits =
            SPACE
                .splitAsStream(line.substring(2))
                .mapToInt(row -> Integer.parseInt(row, 16))
                .toArray();
        glyphs.put(line.charAt(0), bits);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return glyphs;
  }
}
