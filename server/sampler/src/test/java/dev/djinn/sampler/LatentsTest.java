package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract.Latent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the seed contract. Philox's known answers are those that Random123 publishes (its file
 * kat_vectors). All other expected numbers were made by a Python script that computes Philox with
 * Python's unbounded integers and AS 241 with Python's floats and {@code math.log}, and shares
 * nothing with this code but the papers.
 */
class LatentsTest {
  private static final Latent NORMAL = Latent.normal(10);

  @Test
  void philoxGivesThePublishedAnswers() {
    assertBlock(0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertBlock(-1, -1, -1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertBlock(
        0x299f31d0_a4093822L,
        0x243f6a88,
        0x85a308d3,
        0x13198a2e,
        0x03707344,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  @Test
  void inverseNormalIsAccurateToAPartInTenMillion() {
    // Quantiles as tables print them.
    assertEquals(0, InverseNormal.at(0.5));
    assertQuantile(0.6744897501960817, 0.75);
    assertQuantile(1.2815515655446004, 0.9);
    assertQuantile(1.959963984540054, 0.975);
    assertQuantile(3.090232306167813, 0.999);
    assertQuantile(4.753424308822899, 0.999999);
    assertQuantile(-1.959963984540054, 0.025);
    assertQuantile(-6.337957754553789, 0x1p-33);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void logarithmIsStrictMathsToTheBit(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      double p = Math.scalb(1 + random.nextDouble(), -2 - random.nextInt(32));
      assertEquals(StrictMath.log(p), InverseNormal.log(p), () -> "log " + p + ", seed " + seed);
    }
    for (int exponent = -33; exponent < -1; exponent++) {
      // Around powers of two and around their multiples of √½ and √2 the formula changes.
      for (double turn : new double[] {1, 1 + 0x1p-20, Math.sqrt(2), 1.38, 1.42, 2 - 0x1p-20}) {
        for (int ulps = -3; ulps <= 3; ulps++) {
          double p = Math.scalb(turn + ulps * Math.ulp(turn), exponent);
          assertEquals(StrictMath.log(p), InverseNormal.log(p), () -> "log " + p);
        }
      }
    }
  }

  @Test
  void normalLatentsAreTheContractsOnes() {
    float[] seed42 = draw(42, 0, 1, NORMAL);
    float[] expected42 = {
      0.2870419f, -0.07882347f, -1.4521372f, -0.41011292f,
      -2.3241458f, -1.1442989f, -0.73205936f, 0.5581023f,
      -0.2574552f, 0.050751984f
    };
    assertArrayEquals(expected42, seed42);
    float[] farAway = draw(-1, 123456789012L, 1, NORMAL);
    float[] expectedFarAway = {
      0.4060709f, 0.46824014f, 1.4422215f, 0.41893643f,
      0.50579065f, 0.6653206f, 0.9982108f, 2.967544f,
      -0.6582147f, 0.59857804f
    };
    assertArrayEquals(expectedFarAway, farAway);
  }

  @Test
  void theTailsAreTheContractsOnes() {
    assertEquals(-4.3278885f, draw(42, 2264, 1, NORMAL)[6]);
    assertEquals(-4.18346f, draw(42, 2762, 1, Latent.normal(20))[15]);
  }

  @Test
  void tenThousandNormalLatentsHaveTheContractsBits() {
    ByteBuffer bytes = ByteBuffer.allocate(40_000).order(ByteOrder.LITTLE_ENDIAN);
    Latents.fill(42, 0, 100, bytes.asFloatBuffer(), Latent.normal(100));
    CRC32 crc = new CRC32();
    crc.update(bytes);
    assertEquals(0x009415bfL, crc.getValue());
    FloatBuffer heap = FloatBuffer.allocate(10_000);
    Latents.fill(42, 0, 100, heap, Latent.normal(100));
    assertEquals(heap, bytes.rewind().asFloatBuffer());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 6, 64, 100, 255, 256, 257, 1001})
  void rowsDrawnTogetherAreThoseDrawnAlone(int size) {
    for (Latent prior : new Latent[] {Latent.normal(size), Latent.uniform(size, -1, 1)}) {
      float[] together = draw(9, 0xFFFFFFFEL, 300, prior);
      for (int row = 0; row < 300; row++) {
        float[] alone = draw(9, 0xFFFFFFFEL + row, 1, prior);
        assertArrayEquals(alone, Arrays.copyOfRange(together, row * size, (row + 1) * size));
      }
    }
  }

  @Test
  void uniformLatentsAreSpreadOverTheBounds() {
    float[] expected = {
      -0.28327897f, -0.18382877f, -0.8193236f, -0.6373456f, -0.4025645f, -0.35541496f
    };
    assertArrayEquals(expected, draw(42, 7, 1, Latent.uniform(6, -1, 1)));
    float[] expectedFromZero = {0.3583605f, 0.4080856f, 0.09033821f};
    assertArrayEquals(expectedFromZero, draw(42, 7, 1, Latent.uniform(3, 0, 1)));
  }

  @Test
  void labelsAreTheContractsOnes() {
    LongBuffer labels = LongBuffer.allocate(20);
    Latents.fillLabels(42, 0, 20, labels, 10);
    long[] expected = {1, 1, 1, 8, 4, 2, 5, 8, 8, 4, 4, 5, 6, 9, 8, 8, 4, 3, 2, 2};
    assertArrayEquals(expected, labels.array());
    Latents.fillLabels(-1, 123456789012L, 1, labels, 3);
    assertEquals(1, labels.get(0));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -7, Long.MIN_VALUE, 0xFFFF_FFFFL, 1L << 32})
  void aSampleIsTheSameAloneAndInABatch(long seed) {
    long first = 0xFFFF_FFF0L; // so that the counter's low word runs over
    float[] batch = draw(seed, first, 40, NORMAL);
    for (int i = 0; i < 40; i++) {
      float[] alone = draw(seed, first + i, 1, NORMAL);
      assertArrayEquals(
          alone, Arrays.copyOfRange(batch, i * 10, i * 10 + 10), "seed " + seed + ", row " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void normalLatentsHaveMeanZeroAndVarianceOne(long seed) {
    int count = 10_000;
    float[] numbers = draw(seed, 0, count, NORMAL);
    double sum = 0;
    double squares = 0;
    for (float number : numbers) {
      sum += number;
      squares += (double) number * number;
    }
    // Five standard deviations of the two estimates.
    double n = numbers.length;
    assertEquals(0, sum / n, 5 / Math.sqrt(n), "seed " + seed);
    assertEquals(1, squares / n, 5 * Math.sqrt(2 / n), "seed " + seed);
  }

  @Test
  void writesOnlyItsPartOfTheBuffer() {
    FloatBuffer buffer = FloatBuffer.allocate(40);
    buffer.position(7);
    Latents.fill(42, 0, 2, buffer, NORMAL);
    assertEquals(7, buffer.position());
    assertArrayEquals(draw(42, 0, 2, NORMAL), Arrays.copyOfRange(buffer.array(), 7, 27));
    for (int i = 0; i < 40; i++) {
      assertTrue((i >= 7 && i < 27) || buffer.get(i) == 0, "wrote at " + i);
    }
  }

  @Test
  void refusesABufferThatIsTooSmall() {
    SamplerException e =
        assertThrows(SamplerException.class, () -> Latents.fill(1, 0, 3, new float[29], NORMAL));
    assertEquals("30 numbers do not fit into a buffer of 29", e.getMessage());
  }

  private static float[] draw(long seed, long first, int count, Latent prior) {
    float[] numbers = new float[count * prior.size()];
    Latents.fill(seed, first, count, numbers, prior);
    return numbers;
  }

  private static void assertQuantile(double expected, double p) {
    assertEquals(expected, InverseNormal.at(p), Math.abs(expected) * 1.2e-7);
  }

  private static void assertBlock(long key, int c0, int c1, int c2, int c3, int... expected) {
    Philox philox = new Philox();
    for (int lane : new int[] {0, 1, Philox.LANES / 2, Philox.LANES - 1}) {
      philox.count(lane, c0, c1, c2, c3);
    }
    philox.run(key);
    for (int lane : new int[] {0, 1, Philox.LANES / 2, Philox.LANES - 1}) {
      int[] words = IntStream.range(0, 4).map(i -> philox.word(lane, i)).toArray();
      assertArrayEquals(expected, words, "lane " + lane);
    }
  }
}
