package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatTextTest {

  private static String write(float... values) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      FloatText.writeArray(json, FloatBuffer.wrap(values));
    }
    String array = text.toString(StandardCharsets.US_ASCII);
    assertEquals('[', array.charAt(0));
    assertEquals(']', array.charAt(array.length() - 1));
    return array.substring(1, array.length() - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.5",
    "-1, -1.0",
    "0.125, 0.125",
    "0.015625, 0.015625",
    "0.333333343, 0.33333334",
    "-0.1, -0.100000001",
    "-42.75, -42.75",
    "0.99999994, 0.99999994",
    "999.5, 999.5",
    "0, 0.0",
    "-0.0, -0.0",
    "1000, 1000.0",
    "1e-5, 9.99999975E-6",
    "-0.00390625, -3.90625E-3",
    "7.62939453125e-6, 7.62939453E-6",
    "1e-10, 1.00000001E-10",
    "1.17549435E-38, 1.17549435E-38",
    "-1e-40, -1.0E-40",
    "3.4028235E38, 3.4028235E38",
  })
  void writesDecimals(float value, String text) throws IOException {
    assertEquals(text, write(value));
  }

  @Test
  void readsBackAsTheSameFloat() throws IOException {
    Random random = new Random(1);
    float[] values = new float[400_000];
    for (int i = 0; i < values.length; i++) {
      // Every exponent from the subnormals' to 2^12, with every kind of digits.
      int exponent = i % (127 + 13);
      values[i] = Float.intBitsToFloat((random.nextInt() & 0x807fffff) | (exponent << 23));
    }
    assertReadBack(values);
  }

  @Test
  void tellsNeighboursFromEachOther() throws IOException {
    for (float edge = 0x1p-125f; edge <= 2048; edge *= 2) {
      float[] around = new float[2001];
      around[1000] = edge;
      for (int i = 1; i <= 1000; i++) {
        around[1000 - i] = Math.nextDown(around[1001 - i]);
        around[1000 + i] = Math.nextUp(around[999 + i]);
      }
      assertReadBack(around);
    }
  }

  @Test
  void tellsNeighboursOfPowersOfTenFromEachOther() throws IOException {
    for (int power = -37; power <= 3; power++) {
      float[] around = new float[201];
      around[100] = Float.parseFloat("1e" + power);
      for (int i = 1; i <= 100; i++) {
        around[100 - i] = Math.nextDown(around[101 - i]);
        around[100 + i] = Math.nextUp(around[99 + i]);
      }
      assertReadBack(around);
    }
  }

  private static void assertReadBack(float[] values) throws IOException {
    String[] texts = write(values).split(",", -1);
    assertEquals(values.length, texts.length);
    for (int i = 0; i < values.length; i++) {
      assertEquals(values[i], Float.parseFloat(texts[i]), texts[i]);
      assertTrue(texts[i].length() <= InferReply.FLOAT_TEXT - 1, texts[i]);
    }
  }
}
