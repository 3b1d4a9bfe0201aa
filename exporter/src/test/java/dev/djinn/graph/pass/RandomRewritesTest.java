package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OrtRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rewrites' algebra on graphs that nobody thought of: ONNX Runtime, with its own rewrites off,
 * computes the same before and after.
 */
class RandomRewritesTest {
  /** Of the largest number: what float32 loses over a dozen layers. */
  private static final double ROUNDING = 3e-5;

  private static final int BATCH = 3;
  private static final int SEEDS = 20;

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyRewritesTogetherComputeTheSame(long seed) throws OrtException {
    Random random = new Random(seed);
    Graph before = RandomGraphs.of(seed);
    same(before, EnumSet.allOf(Optimization.class), seed);
    List<Optimization> some = new ArrayList<>(List.of(Optimization.values()));
    Collections.shuffle(some, random);
    same(before, EnumSet.copyOf(some.subList(0, 1 + random.nextInt(some.size()))), seed);
  }

  @ParameterizedTest
  @EnumSource(Optimization.class)
  void eachRewriteFindsSomethingAndKeepsTheFunction(Optimization rewrite) throws OrtException {
    int made = 0;
    for (long seed = 1000; made < 3 && seed < 1400; seed++) {
      Graph before = RandomGraphs.of(seed);
      if (!rewrite.apply(before).toString().equals(before.toString())) {
        same(before, EnumSet.of(rewrite), seed);
        made++;
      }
    }
    assertEquals(3, made, rewrite + " found too little to do");
  }

  private static void same(Graph before, Set<Optimization> rewrites, long seed)
      throws OrtException {
    Graph after = Optimization.applyAll(before, rewrites);
    assertEquals(before.typeOf("image"), after.typeOf("image"));
    float[] expected = OrtRun.run(before, BATCH, seed).get("image");
    float[] made = OrtRun.run(after, BATCH, seed).get("image");
    double largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - made[i]) / largest;
      assertTrue(
          error <= ROUNDING,
          "seed %d, %s: %s became %s in\n%s\nfrom\n%s"
              .formatted(seed, rewrites, expected[i], made[i], after, before));
    }
  }
}
