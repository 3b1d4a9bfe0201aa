package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkException;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Changes;
import dev.djinn.settings.Changes.Kind;
import dev.djinn.settings.Course;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import dev.djinn.trainer.TinyRun;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each change by hand, on pictures of 6 × 6. */
class RandomChangesTest {
  private static final int SIDE = 6;

  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get().setRandomSeed(3);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private RandomChanges changes(int channels, int low, Kind... kinds) {
    Map<Kind, Double> shares = new EnumMap<>(Kind.class);
    Arrays.stream(kinds).forEach(kind -> shares.put(kind, 0.5));
    return new RandomChanges(
        new Changes(shares, new Course.Constant(1), Optional.empty()),
        new Settings.Image(SIDE, SIDE, channels, low),
        manager);
  }

  /** One picture; of the kind first whether, then how, then how across. Others are left out. */
  private float[] apply(RandomChanges changes, NDArray images, Kind kind, double... numbers) {
    float[] draws = new float[RandomChanges.DRAWS];
    Arrays.fill(draws, 0.999f);
    for (int i = 0; i < numbers.length; i++) {
      draws[RandomChanges.first(kind) + i] = (float) numbers[i];
    }
    NDArray given = manager.create(draws, new Shape(RandomChanges.DRAWS, 1));
    NDArray made = GradientMode.unrecorded(() -> changes.of(images, given, 1));
    assertEquals(images.getShape(), made.getShape());
    return made.toFloatArray();
  }

  private NDArray noise(int channels) {
    return manager.randomUniform(0f, 1f, new Shape(1, channels, SIDE, SIDE));
  }

  /** From where each pixel is taken. */
  private interface From {
    int[] of(int row, int column);
  }

  private static float[] taken(float[] in, int channels, From from) {
    float[] out = new float[in.length];
    for (int c = 0; c < channels; c++) {
      for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
          int[] at = from.of(row, column);
          out[(c * SIDE + row) * SIDE + column] = in[(c * SIDE + at[0]) * SIDE + at[1]];
        }
      }
    }
    return out;
  }

  private static int reflected(int place) {
    return place < 0 ? -place : place > SIDE - 1 ? 2 * (SIDE - 1) - place : place;
  }

  @Test
  void whatIsNotChosenStaysToTheBit() {
    for (int channels : new int[] {1, 3, 4}) {
      NDArray images = noise(channels).mul(3).sub(1);
      assertArrayEquals(
          images.toFloatArray(),
          apply(changes(channels, 0, Kind.values()), images, Kind.MIRROR, 0.5),
          0);
    }
  }

  @Test
  void aMirrorExchangesLeftAndRight() {
    NDArray images = noise(2);
    float[] in = images.toFloatArray();
    RandomChanges changes = changes(2, -1, Kind.MIRROR);
    assertArrayEquals(in, apply(changes, images, Kind.MIRROR, 0.49, 0.49), 0);
    assertArrayEquals(
        taken(in, 2, (row, column) -> new int[] {row, SIDE - 1 - column}),
        apply(changes, images, Kind.MIRROR, 0.49, 0.51),
        0);
  }

  @Test
  void quarterTurnsAreExact() {
    NDArray images = noise(2);
    float[] in = images.toFloatArray();
    RandomChanges changes = changes(2, -1, Kind.QUARTER_TURNS);
    float[] once = apply(changes, images, Kind.QUARTER_TURNS, 0, 0.3);
    float[] turned = taken(in, 2, (row, column) -> new int[] {SIDE - 1 - column, row});
    float[] back = taken(in, 2, (row, column) -> new int[] {column, SIDE - 1 - row});
    assertTrue(Arrays.equals(once, turned) || Arrays.equals(once, back));
    assertArrayEquals(
        taken(in, 2, (row, column) -> new int[] {SIDE - 1 - row, SIDE - 1 - column}),
        apply(changes, images, Kind.QUARTER_TURNS, 0, 0.6),
        0);
    float[] thrice = apply(changes, images, Kind.QUARTER_TURNS, 0, 0.9);
    assertArrayEquals(Arrays.equals(once, turned) ? back : turned, thrice, 0);
  }

  /** Side 6 moves by −1 … 1; what comes in is reflected. With others that interpolate, too. */
  @ParameterizedTest
  @CsvSource({"0, 0.5, -1, 0", "0.95, 0, 1, -1", "0.5, 0.99, 0, 1"})
  void translationMovesByWholePixels(double y, double x, int down, int right) {
    NDArray images = noise(3);
    float[] expected =
        taken(
            images.toFloatArray(),
            3,
            (row, column) -> new int[] {reflected(row - down), reflected(column - right)});
    assertArrayEquals(
        expected, apply(changes(3, 0, Kind.TRANSLATION), images, Kind.TRANSLATION, 0.2, y, x), 0);
    assertArrayEquals(
        expected,
        apply(
            changes(3, 0, Kind.TRANSLATION, Kind.SCALE, Kind.ROTATION),
            images,
            Kind.TRANSLATION,
            0.2,
            y,
            x),
        0);
  }

  /** Every pixel by its four neighbours, in double. */
  private static float[] between(float[] in, double angle, double factor) {
    float[] out = new float[in.length];
    double middle = (SIDE - 1) / 2.0;
    for (int i = 0; i < in.length; i++) {
      double y = i / SIDE % SIDE - middle;
      double x = i % SIDE - middle;
      double row = fold((Math.cos(angle) * y - Math.sin(angle) * x) / factor + middle);
      double column = fold((Math.cos(angle) * x + Math.sin(angle) * y) / factor + middle);
      double sum = 0;
      for (int r = 0; r < SIDE; r++) {
        for (int c = 0; c < SIDE; c++) {
          double weight =
              Math.max(0, 1 - Math.abs(row - r)) * Math.max(0, 1 - Math.abs(column - c));
          sum += weight * in[(i / (SIDE * SIDE) * SIDE + r) * SIDE + c];
        }
      }
      out[i] = (float) sum;
    }
    return out;
  }

  private static double fold(double place) {
    double edge = SIDE - 1;
    double p = place;
    while (p < 0 || p > edge) {
      p = p < 0 ? -p : 2 * edge - p;
    }
    return p;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.4, 0.97})
  void rotationIsByAnyAngle(double draw) {
    NDArray images = noise(2);
    assertArrayEquals(
        between(images.toFloatArray(), (draw - 0.5) * 2 * Math.PI, 1),
        apply(changes(2, 0, Kind.ROTATION), images, Kind.ROTATION, 0, draw),
        1e-4f);
  }

  /** Φ(1) = 0.841345: a deviation up, and one down. */
  @ParameterizedTest
  @CsvSource({"0.8413447, 1", "0.1586553, -1"})
  void scaleIsLogNormal(double draw, int deviations) {
    NDArray images = noise(1);
    assertArrayEquals(
        between(images.toFloatArray(), 0, Math.pow(2, 0.2 * deviations)),
        apply(changes(1, 0, Kind.SCALE), images, Kind.SCALE, 0, draw),
        1e-4f);
  }

  @Test
  void coloursOfWhatIsOpaqueChangeByHand() {
    double up = 0.8413447;
    NDArray grey = noise(1);
    float[] g = grey.toFloatArray();
    float[] lighter = apply(changes(1, 0, Kind.BRIGHTNESS), grey, Kind.BRIGHTNESS, 0, up);
    float[] harder = apply(changes(1, 0, Kind.CONTRAST), grey, Kind.CONTRAST, 0, up);
    for (int i = 0; i < g.length; i++) {
      assertEquals(g[i] + 0.1, lighter[i], 1e-5);
      assertEquals((g[i] - 0.5) * Math.sqrt(2) + 0.5, harder[i], 1e-5);
    }
    // In [−1, 1] the middle grey is 0 and a tenth of the range 0.2.
    assertEquals(
        g[7] + 0.2, apply(changes(1, -1, Kind.BRIGHTNESS), grey, Kind.BRIGHTNESS, 0, up)[7], 1e-5);
    assertEquals(
        g[7] * Math.sqrt(2),
        apply(changes(1, -1, Kind.CONTRAST), grey, Kind.CONTRAST, 0, up)[7],
        1e-5);
    assertArrayEquals(g, apply(changes(1, 0, Kind.HUE, Kind.MIRROR), grey, Kind.HUE, 0, up), 0);

    NDArray colour = noise(3);
    float[] c = colour.toFloatArray();
    int n = SIDE * SIDE;
    float[] richer = apply(changes(3, 0, Kind.SATURATION), colour, Kind.SATURATION, 0, up);
    // A third of a circle about grey makes red green: (r, g, b) to (b, r, g) or back.
    float[] turned = apply(changes(3, 0, Kind.HUE), colour, Kind.HUE, 0, 0.5 + 1 / 3.0);
    boolean back = Math.abs(turned[0] - c[n]) < 1e-4;
    for (int i = 0; i < n; i++) {
      double mean = (c[i] + c[n + i] + c[2 * n + i]) / 3;
      for (int k = 0; k < 3; k++) {
        assertEquals(mean + 2 * (c[k * n + i] - mean), richer[k * n + i], 1e-5);
        assertEquals(c[(k + (back ? 1 : 2)) % 3 * n + i], turned[k * n + i], 1e-5);
      }
    }
  }

  /** A straight colour s under alpha a is a · s; what changes s leaves a as it is. */
  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void coloursUnderAlphaStayBetweenClearAndAlpha(int low) {
    double range = 1 - low;
    NDArray straight = noise(4);
    float[] s = straight.toFloatArray();
    int n = SIDE * SIDE;
    float[] premultiplied = new float[4 * n];
    for (int i = 0; i < 4 * n; i++) {
      premultiplied[i] =
          (float) ((i < 3 * n ? alphaOf(s, i, n) * s[i] : alphaOf(s, i, n)) * range + low);
    }
    NDArray images = manager.create(premultiplied, new Shape(1, 4, SIDE, SIDE));
    float[] made = apply(changes(4, low, Kind.BRIGHTNESS), images, Kind.BRIGHTNESS, 0, 0.999);
    int clipped = 0;
    for (int i = 0; i < 3 * n; i++) {
      double alpha = alphaOf(s, i, n);
      // 3.090 deviations of a tenth.
      double colour = Math.min(1, s[i] + 0.30902) * alpha;
      clipped += s[i] + 0.30902 > 1 ? 1 : 0;
      assertEquals(colour * range + low, made[i], 1e-4);
    }
    assertTrue(clipped > 5);
    assertArrayEquals(
        Arrays.copyOfRange(premultiplied, 3 * n, 4 * n),
        Arrays.copyOfRange(made, 3 * n, 4 * n),
        1e-6f);
  }

  private static float alphaOf(float[] straight, int i, int n) {
    return i % n % 5 == 0 ? 0 : straight[3 * n + i % n];
  }

  @Test
  void cutoutBlanksAPart() {
    NDArray images = noise(4);
    float[] in = images.toFloatArray();
    float[] made = apply(changes(4, -1, Kind.CUTOUT), images, Kind.CUTOUT, 0, 0.5, 0.25);
    float[] grey =
        apply(
            changes(3, -1, Kind.CUTOUT),
            manager.create(Arrays.copyOf(in, 3 * SIDE * SIDE), new Shape(1, 3, SIDE, SIDE)),
            Kind.CUTOUT,
            0,
            0.5,
            0.25);
    for (int i = 0; i < in.length; i++) {
      // Middles of pixels are at (k + ½) / 6: rows from ¼ to ¾, columns from 0 to ½.
      int row = i / SIDE % SIDE;
      boolean cut = row >= 1 && row <= 4 && i % SIDE <= 2 && (row + 0.5) / SIDE >= 0.25;
      assertEquals(cut ? -1 : in[i], made[i], 1e-6);
      if (i < grey.length) {
        assertEquals(cut ? 0 : in[i], grey[i], 1e-6);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void gradientsPassThroughEveryChange(long seed) {
    TorchEngine.get().setRandomSeed((int) seed);
    RandomChanges changes = changes(3, -1, Kind.values());
    NDArray images = manager.randomNormal(new Shape(2, 3, SIDE, SIDE));
    NDArray draws = manager.randomUniform(0f, 1f, new Shape(RandomChanges.DRAWS, 2));
    NDArray weights = manager.randomNormal(images.getShape());
    NDArray leaf = images.duplicate();
    leaf.setRequiresGradient(true);
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def gradient(self, y: Tensor, w: Tensor, x: Tensor) -> List[Optional[Tensor]]:
              return torch.autograd.grad([torch.sum(y * w)], [x])
            def twice(self, y: Tensor, w: Tensor, x: Tensor) -> List[Optional[Tensor]]:
              g = torch.autograd.grad([torch.sum(y * y * w)], [x], None, None, True)
              return torch.autograd.grad([torch.sum(torch.pow(unchecked_cast(Tensor, g[0]), 2))], [x])
            """);
    float[] exact =
        GradientMode.recorded(
                () -> script.call("gradient", changes.of(leaf, draws, 1), weights, leaf))
            .singletonOrThrow()
            .toFloatArray();
    int some = 0;
    for (int i = 0; i < exact.length; i += 5) {
      double difference = 0;
      for (int side = -1; side <= 1; side += 2) {
        float[] moved = images.toFloatArray();
        moved[i] += side;
        NDArray x = manager.create(moved, images.getShape());
        NDArray y = GradientMode.unrecorded(() -> changes.of(x, draws, 1));
        float[] a = y.toFloatArray();
        float[] b = weights.toFloatArray();
        for (int k = 0; k < a.length; k++) {
          difference += side * (double) a[k] * b[k] / 2;
        }
      }
      assertEquals(difference, exact[i], 2e-3, "seed " + seed + ", pixel " + i);
      some += Math.abs(exact[i]) > 0.1 ? 1 : 0;
    }
    assertTrue(some > 5, "seed " + seed + ": only " + some + " gradients are not near 0");
    NDArray again = images.duplicate();
    again.setRequiresGradient(true);
    float[] second =
        GradientMode.recorded(
                () -> script.call("twice", changes.of(again, draws, 1), weights, again))
            .singletonOrThrow()
            .toFloatArray();
    assertTrue(Arrays.stream(toDoubles(second)).anyMatch(value -> Math.abs(value) > 0.1));
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** Batches of 10: every fourth update by 4 · 10 / over, up above the target and down below. */
  @Test
  void theProbabilityFollowsTheDiscriminator() {
    Settings settings =
        TinyRun.settings(
            Map.of(
                "augment",
                "{mirror: 1, probability: {adaptive: {target: 0.6, over: 400}, from: 0.2}}"));
    Augmenting augmenting = new Augmenting(settings, manager);
    double[] certainty = {1, 1, 0.4, 0.4, 0.6, 0.4, 0.6, 0.4, 0.8, 0.8, 0.8, 0.8};
    double[] expected = {0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.2, 0.2, 0.2, 0.2, 0.3};
    for (int i = 0; i < certainty.length; i++) {
      augmenting.judged(certainty[i]);
      augmenting.begin(new Moment(i, 1, 10));
      assertEquals(expected[i], augmenting.probability(), 1e-12, "after " + i);
      if (i == 5) {
        assertTrue(augmenting.counters().values().stream().allMatch(counter -> counter >= 0));
        Augmenting resumed = new Augmenting(settings, manager);
        resumed.resume(augmenting.counters());
        augmenting = resumed;
      }
    }
    for (int i = 0; i < 100; i++) {
      augmenting.judged(1);
    }
    augmenting.begin(new Moment(0, 1, 10));
    assertEquals(1, augmenting.probability(), 0);
  }

  @Test
  void settingsComeBackFromTheFile() {
    Settings all = TinyRun.settings(Map.of("augment", "adaptive"));
    Changes changes = all.rules().seen().changes().orElseThrow();
    assertEquals(Kind.values().length, changes.shares().size());
    assertEquals(Optional.of(new Changes.Adaptive(0.6, 500_000)), changes.adaptive());
    Settings some =
        TinyRun.settings(
            Map.of(
                "augment",
                "{hue: 0.5, probability: {shape: linear, from: 0, to: 0.3, over: 90 images}}",
                "mirror",
                "true"));
    assertTrue(some.rules().seen().mirror());
    Map<String, Object> written = SettingsFile.write(some);
    assertEquals(
        "{hue=0.5, probability={shape=linear, from=0.0, to=0.3, over=90 images}}",
        written.get("augment").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "always | augment: expected adaptive, a list or a map of changes",
        "{mirrors: 1, probability: 1} | unknown key 'mirrors",
        "{mirror: 1} | probability' is missing",
        "{mirror: 2, probability: 1} | augment.mirror: must be from 0",
        "{probability: 1} | augment: has a probability but no change; give one, such as mirror: 1",
        "{hue: 1, probability: 1.5} | augment.probability: must be from 0",
        "{hue: 1, probability: {adaptive: {aim: 1}}} | unknown key 'aim"
      })
  void whatDoesNotExistIsSaid(String augment, String message) {
    NetworkException e =
        assertThrows(NetworkException.class, () -> TinyRun.settings(Map.of("augment", augment)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
