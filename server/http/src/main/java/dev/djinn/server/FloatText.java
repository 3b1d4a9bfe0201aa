package dev.djinn.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.NumberOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * Writes float32 numbers as JSON, each as a decimal that reads back as the same float. A picture
 * has a thousand of them, and finding the shortest decimal of each took half the time of writing.
 *
 * <p>A decimal reads back as the float that it is nearer to than half the distance between floats:
 * 2<sup>-27</sup> from 1/8 on, more than the 5e-9 by which rounding to eight decimals moves it; and
 * 2<sup>-30</sup> from 1/64 on, more than the 5e-10 of nine. (Below a power of two floats are twice
 * as near, but these powers have so few decimals that they are not moved.) What is smaller, as most
 * of a dark picture is, gets nine digits and an exponent: that moves it by 5e-9 of itself at most,
 * and half the distance to the next float is 2<sup>-25</sup> of it or more. What has more than
 * three digits before the point, or is subnormal, is left to Jackson.
 */
final class FloatText {

  private static final float NINE_DECIMALS_FROM = 1 / 64f;
  private static final float EIGHT_DECIMALS_FROM = 1 / 8f;
  private static final float END = 1000;

  /** 10<sup>0</sup> to 10<sup>46</sup>, which takes the smallest normal float to nine digits. */
  private static final double[] POWERS =
      IntStream.rangeClosed(0, 46).mapToDouble(power -> Double.parseDouble("1e" + power)).toArray();

  /** Of a number and the comma before it, with much to spare. */
  private static final int LONGEST = 32;

  private final byte[] text = new byte[8192];
  private int length;

  private FloatText() {}

  /** Writes an array to a generator of UTF-8 as the next value. */
  static void writeArray(JsonGenerator json, FloatBuffer floats) throws IOException {
    json.writeRawValue("[");
    json.flush();
    new FloatText().write(floats, (OutputStream) json.getOutputTarget());
    json.writeRaw(']');
  }

  private void write(FloatBuffer floats, OutputStream out) throws IOException {
    while (floats.hasRemaining()) {
      append(floats.get());
      if (floats.hasRemaining()) {
        text[length++] = ',';
      }
      if (length > text.length - LONGEST) {
        out.write(text, 0, length);
        length = 0;
      }
    }
    out.write(text, 0, length);
  }

  private void append(float value) {
    float size = Math.abs(value);
    if (size >= EIGHT_DECIMALS_FROM && size < END) {
      appendDecimal(value < 0, size, 1e8, 8);
    } else if (size >= NINE_DECIMALS_FROM && size < END) {
      appendDecimal(value < 0, size, 1e9, 9);
    } else if (size >= Float.MIN_NORMAL && size < NINE_DECIMALS_FROM) {
      appendScientific(value < 0, size);
    } else {
      byte[] digits = NumberOutput.toString(value, true).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(digits, 0, text, length, digits.length);
      length += digits.length;
    }
  }

  private void appendDecimal(boolean negative, float size, double scale, int decimals) {
    if (negative) {
      text[length++] = '-';
    }
    // Exact to 1e-4 of the last decimal, for the product is below 2^37.
    long scaled = (long) (size * scale + 0.5);
    int whole = (int) (scaled / (long) scale);
    int part = (int) (scaled - whole * (long) scale);
    if (whole >= 100) {
      text[length++] = (byte) ('0' + whole / 100);
    }
    if (whole >= 10) {
      text[length++] = (byte) ('0' + whole / 10 % 10);
    }
    text[length++] = (byte) ('0' + whole % 10);
    appendFraction(part, decimals);
  }

  private void appendScientific(boolean negative, float size) {
    // 1233 / 4096 is the logarithm of 2 to base 10; the power of two may hide one of ten above it.
    int exponent = Math.floorDiv(Math.getExponent(size) * 1233, 4096);
    if (size * POWERS[-exponent - 1] >= 1) {
      exponent++;
    }
    long scaled = (long) (size * POWERS[8 - exponent] + 0.5);
    if (scaled == 1_000_000_000) {
      scaled = 100_000_000;
      exponent++;
    }
    if (negative) {
      text[length++] = '-';
    }
    int digits = (int) scaled;
    text[length++] = (byte) ('0' + digits / 100_000_000);
    appendFraction(digits % 100_000_000, 8);
    text[length++] = 'E';
    text[length++] = '-';
    if (exponent <= -10) {
      text[length++] = (byte) ('0' + -exponent / 10);
    }
    text[length++] = (byte) ('0' + -exponent % 10);
  }

  /** The point and what is behind it, without the zeros at its end but the first. */
  private void appendFraction(int part, int decimals) {
    text[length++] = '.';
    length += decimals;
    for (int i = 1; i <= decimals; i++) {
      text[length - i] = (byte) ('0' + part % 10);
      part /= 10;
    }
    while (text[length - 1] == '0' && text[length - 2] != '.') {
      length--;
    }
  }
}
