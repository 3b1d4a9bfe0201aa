package dev.djinn.server;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * Writes float32 numbers as JSON, each as a decimal that reads back as the same float. A picture
 * has a thousand of them, and finding the shortest decimal of each took half the time of writing.
 *
 * <p>A decimal reads back as the float that it is nearer to than half the distance between floats:
 * 2<sup>-27</sup> from 1/8 on, more than the 5e-9 by which rounding to eight decimals moves it; and
 * 2<sup>-30</sup> from 1/64 on, more than the 5e-10 of nine. (Below a power of two floats are twice
 * as near, but these powers have so few decimals that they are not moved.) What is smaller or has
 * more than three digits before the point is left to Jackson. Not thread-safe.
 */
final class FloatText {

  private static final float NINE_DECIMALS_FROM = 1 / 64f;
  private static final float EIGHT_DECIMALS_FROM = 1 / 8f;
  private static final float END = 1000;

  /** A sign, three digits, a point and nine. */
  private final char[] text = new char[14];

  void write(JsonGenerator out, float value) throws IOException {
    float size = Math.abs(value);
    if (size >= NINE_DECIMALS_FROM && size < END) {
      int start = fill(value < 0, size, size < EIGHT_DECIMALS_FROM ? 9 : 8);
      int end = text.length;
      while (text[end - 1] == '0' && text[end - 2] != '.') {
        end--;
      }
      out.writeNumber(text, start, end - start);
    } else {
      out.writeNumber(value);
    }
  }

  /** Fills the text from its end and gives its start. */
  private int fill(boolean negative, float size, int decimals) {
    // Exact to 1e-4 of the last decimal, for the product is below 2^37.
    long left = (long) (size * (decimals == 9 ? 1e9 : 1e8) + 0.5);
    int at = text.length;
    for (int i = 0; i < decimals; i++) {
      text[--at] = digit(left);
      left /= 10;
    }
    text[--at] = '.';
    do {
      text[--at] = digit(left);
      left /= 10;
    } while (left > 0);
    if (negative) {
      text[--at] = '-';
    }
    return at;
  }

  private static char digit(long number) {
    return (char) ('0' + number % 10);
  }
}
