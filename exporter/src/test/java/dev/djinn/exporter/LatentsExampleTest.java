package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.djinn.sampler.GeneratorContract.Distribution;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.Latents;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The JavaScript example makes the numbers that Java makes, bit for bit. Needs node. */
class LatentsExampleTest {
  private static final int ROWS = 300;
  private static final long[] SEEDS = {42, 0, -1, 1L << 32, Long.MIN_VALUE, 20_261_122_000_001L};
  private static final long[] FIRSTS = {0, 7, (1L << 32) - 100};

  @Test
  void sameBitsAsJava() throws IOException, InterruptedException {
    for (Latent prior :
        new Latent[] {Latent.normal(101), Latent.uniform(3, -1, 1), Latent.uniform(6, 0.1, 7)}) {
      for (long seed : SEEDS) {
        for (long first : FIRSTS) {
          float[] expected = new float[ROWS * prior.size()];
          Latents.fill(seed, first, ROWS, expected, prior);
          int[] bits = new int[expected.length];
          for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(expected[i]);
          }
          String call =
              String.format(
                  Locale.ROOT,
                  "new Uint32Array(m.latents(%dn, %d, %d, {size: %d, distribution: '%s', low: %s,"
                      + " high: %s}).buffer)",
                  seed,
                  first,
                  ROWS,
                  prior.size(),
                  prior.distribution() == Distribution.NORMAL ? "normal" : "uniform",
                  prior.low(),
                  prior.high());
          assertArrayEquals(bits, ints(call), call);
        }
      }
    }
  }

  @Test
  void sameLabelsAsJava() throws IOException, InterruptedException {
    for (long seed : SEEDS) {
      long[] expected = new long[ROWS];
      Latents.fillLabels(seed, 5, ROWS, LongBuffer.wrap(expected), 10);
      assertArrayEquals(
          Arrays.stream(expected).mapToInt(Math::toIntExact).toArray(),
          ints("m.labels(%dn, 5, %d, 10)".formatted(seed, ROWS)));
    }
  }

  private static int[] ints(String call) throws IOException, InterruptedException {
    Path example = Path.of("../scripts/latents.mjs").toAbsolutePath().normalize();
    String script =
        "import('%s').then(m => console.log(Array.from(%s, String).join(' ')))"
            .formatted(example.toUri(), call);
    Process node;
    try {
      node = new ProcessBuilder("node", "-e", script).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "there is no node here: " + e.getMessage());
      return new int[0];
    }
    String out = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, node.waitFor(), out);
    return Arrays.stream(out.strip().split(" ")).mapToInt(Integer::parseUnsignedInt).toArray();
  }
}
