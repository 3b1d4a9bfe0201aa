package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.djinn.sampler.GeneratorContract.Latent;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatentSpaceTest {
  private static final Latent NORMAL = Latent.normal(100);

  @TempDir Path folder;

  @Test
  void linearWalksInEqualSteps() {
    float[] from = {0, 10};
    float[] to = {4, -10};
    assertArrayEquals(
        new float[] {0, 10, 1, 5, 2, 0, 3, -5, 4, -10}, LatentSpace.linear(from, to, 5));
  }

  @Test
  void sphericalWalksAQuarterCircleByHand() {
    // 30 and 60 degrees on a circle whose radius goes from 2 to 4.
    float[] third = LatentSpace.spherical(new float[] {2, 0}, new float[] {0, 4}, 4);
    float[] expected = {2, 0, 2.309401f, 1.3333334f, 1.6666666f, 2.8867514f, 0, 4};
    assertArrayEquals(expected, third, 1e-6f);
    float[] half = LatentSpace.spherical(new float[] {1, 0}, new float[] {0, 1}, 3);
    assertEquals(Math.sqrt(0.5), half[2], 1e-7);
    assertEquals(Math.sqrt(0.5), half[3], 1e-7);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void sphericalKeepsToItsEndsLengthsAndEqualAngles(long seed) {
    float[] from = LatentSpace.point(seed, 0, NORMAL);
    float[] to = LatentSpace.point(seed, 1, NORMAL);
    int steps = 9;
    float[] walk = LatentSpace.spherical(from, to, steps);
    assertArrayEquals(from, Arrays.copyOf(walk, 100));
    assertArrayEquals(to, Arrays.copyOfRange(walk, 800, 900));
    double angle = angle(from, to) / (steps - 1);
    for (int step = 0; step < steps; step++) {
      float[] here = Arrays.copyOfRange(walk, step * 100, step * 100 + 100);
      double t = step / 8.0;
      assertEquals((1 - t) * length(from) + t * length(to), length(here), 1e-5, "seed " + seed);
      assertEquals(step * angle, angle(from, here), 1e-4, "seed " + seed);
    }
  }

  @Test
  void sphericalIsStraightBetweenNeighboursAndRefusesOpposites() {
    float[] point = LatentSpace.point(1, 0, NORMAL);
    float[] walk = LatentSpace.spherical(point, point, 3);
    assertArrayEquals(point, Arrays.copyOfRange(walk, 100, 200));
    float[] opposite = point.clone();
    for (int i = 0; i < opposite.length; i++) {
      opposite[i] = -opposite[i];
    }
    assertThrows(SamplerException.class, () -> LatentSpace.spherical(point, opposite, 3));
    assertThrows(SamplerException.class, () -> LatentSpace.spherical(point, new float[100], 3));
    assertThrows(SamplerException.class, () -> LatentSpace.spherical(point, new float[99], 3));
    assertThrows(SamplerException.class, () -> LatentSpace.linear(point, opposite, 1));
  }

  @Test
  void manifoldSpreadsTheQuantilesAcrossAndDown() {
    float[] plane = LatentSpace.manifold(15, Latent.normal(3));
    assertEquals(15 * 15 * 3, plane.length);
    // The normal distribution's quantiles at 0.05, 0.5 and 0.95, as tables print them.
    assertPoint(plane, 0, -1.6448536f, -1.6448536f, 0);
    assertPoint(plane, 14, 1.6448536f, -1.6448536f, 0);
    assertPoint(plane, 7 * 15 + 7, 0, 0, 0);
    assertPoint(plane, 14 * 15, -1.6448536f, 1.6448536f, 0);
    float[] square = LatentSpace.manifold(3, Latent.uniform(3, -1, 3));
    assertPoint(square, 1, 1, -0.8f, 1);
    assertThrows(SamplerException.class, () -> LatentSpace.manifold(1, NORMAL));
    assertThrows(SamplerException.class, () -> LatentSpace.manifold(5, Latent.normal(1)));
  }

  @Test
  void truncationPullsDrawnLatentsToTheCentre() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNIFORM))) {
      SampleRequest request = SampleRequest.of(3).withSeed(6);
      float[] latents = new float[18];
      Latents.fill(6, 0, 3, latents, TestModels.UNIFORM.latent());
      Samples whole = sampler.sample(request.withTruncation(1));
      assertEquals(sampler.sample(request.withLatents(latents)), whole);
      for (int i = 0; i < latents.length; i++) {
        latents[i] *= 0.5f;
      }
      Samples half = sampler.sample(request.withTruncation(0.5));
      assertEquals(sampler.sample(request.withLatents(latents)), half);
      assertEquals(half, sampler.sample(request.withLatents(latents).withTruncation(0.1)));
      SamplerException e =
          assertThrows(SamplerException.class, () -> request.withTruncation(Double.NaN));
      assertEquals("a truncation of NaN is not between 0 and 1", e.getMessage());
    }
  }

  private static void assertPoint(float[] plane, int cell, float... expected) {
    float[] actual = Arrays.copyOfRange(plane, cell * 3, cell * 3 + 3);
    assertArrayEquals(expected, actual, 2e-7f, "cell " + cell);
  }

  private static double length(float[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double angle(float[] a, float[] b) {
    return Math.acos(Math.min(1, dot(a, b) / length(a) / length(b)));
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
