package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.data.ImageSet;
import dev.djinn.data.Transparency;
import dev.djinn.report.SampleGrid;
import dev.djinn.torch.TorchScript;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Whether a generator repeats pictures that it was trained on: how near its pictures lie to
 * training pictures, beside how near real pictures do that were held out, or where none are, how
 * near training pictures lie to each other. Memory shows as pictures nearer than data ever are,
 * also where the figures of quality are good (van den Burg and Williams 2021, arXiv:2106.03216, who
 * leave each training picture out in turn).
 *
 * <p>A distance is the root of the mean square difference of the pixels, in their 256 steps. Real
 * pictures that are exactly equal to another count as one. Colours with alpha are multiplied by it.
 *
 * @param generated distance of each generated picture to the nearest training picture
 * @param real of real pictures to the nearest training picture that is not equal to them
 * @param heldOut how many of those were held out of the training; 0 if they are training pictures
 * @param nearest the ten nearest pairs, nearest first
 */
public record Copies(List<Double> generated, List<Double> real, int heldOut, List<Pair> nearest) {
  /** Pictures of each side that are looked at: the others hardly change the figures. */
  public static final int MOST = 2_000;

  private static final int SHOWN = 10;
  private static final int CANDIDATES = 16;

  /** Floats of training pictures at once. */
  private static final int CHUNK = 1 << 24;

  private static final int ROWS = 500;
  private static final String METHODS =
      """
      def nearest(self, rows: Tensor, data: Tensor, k: Tensor) -> List[Tensor]:
        x = torch.to(data, 6)
        norms = torch.sum(torch.mul(x, x), [1])
        y = torch.to(rows, 6)
        d = torch.sub(norms, torch.mul(torch.matmul(y, torch.t(x)), 2.))
        found = torch.topk(d, int(k), 1, False, True)
        return [(found)[1]]
      """;

  /**
   * A generated picture and the training picture nearest to it.
   *
   * @param generated its index
   * @param training its index
   * @param distance between them
   */
  public record Pair(int generated, int training, double distance) {}

  /** Copies the lists. */
  public Copies {
    generated = List.copyOf(generated);
    real = List.copyOf(real);
    nearest = List.copyOf(nearest);
  }

  /**
   * Looks for the nearest training picture of each picture.
   *
   * @param training what the generator was trained on, at least two different pictures
   * @param held real pictures of the same kind that it was not trained on; where there are none, or
   *     they are of another shape, training pictures are held against the others
   * @param pictures generated ones of the same shape; the first {@value #MOST} are looked at
   * @param seed which real pictures are looked at
   * @param parent its device is used
   * @return distances
   * @throws dev.djinn.run.TrainingException if the pictures are of another size
   */
  public static Copies of(
      ImageSet training, Optional<ImageSet> held, ImageSet pictures, long seed, NDManager parent) {
    Evaluation.checkAlike(pictures, training);
    return ofSeen(
        Transparency.multiplied(training),
        held.map(Transparency::multiplied),
        Transparency.multiplied(pictures),
        seed,
        parent);
  }

  private static Copies ofSeen(
      ImageSet training, Optional<ImageSet> held, ImageSet pictures, long seed, NDManager parent) {
    int shown = Math.min(MOST, pictures.count());
    int[] own = IntStream.range(0, shown).toArray();
    List<Pair> made = pairs(pictures, own, training, false, parent);
    ImageSet unseen = held.filter(set -> alike(set, training)).orElse(training);
    int[] order =
        new Random(seed)
            .ints(0, unseen.count())
            .distinct()
            .limit(Math.min(MOST, unseen.count()))
            .toArray();
    List<Pair> real = pairs(unseen, order, training, true, parent);
    return new Copies(
        distances(made),
        distances(real),
        unseen == training ? 0 : real.size(),
        made.stream().sorted(Comparator.comparingDouble(Pair::distance)).limit(SHOWN).toList());
  }

  private static boolean alike(ImageSet one, ImageSet other) {
    return one.channels() == other.channels()
        && one.height() == other.height()
        && one.width() == other.width();
  }

  private static List<Double> distances(List<Pair> pairs) {
    return pairs.stream().map(Pair::distance).toList();
  }

  /**
   * The nearest training picture of each.
   *
   * @param others whether equal training pictures do not count, being the picture itself or its
   *     copies
   */
  private static List<Pair> pairs(
      ImageSet set, int[] which, ImageSet training, boolean others, NDManager parent) {
    int size = training.pixels().length / training.count();
    long[] best = new long[which.length];
    int[] at = new int[which.length];
    Arrays.fill(best, Long.MAX_VALUE);
    int chunk = Math.max(CANDIDATES, CHUNK / size);
    try (NDManager scope = parent.newSubManager()) {
      TorchScript script = TorchScript.compile(scope, METHODS);
      for (int from = 0; from < training.count(); from += chunk) {
        int n = Math.min(chunk, training.count() - from);
        try (NDManager part = scope.newSubManager()) {
          NDArray data = bytes(training.pixels(), from * size, n, size, part);
          NDArray k = part.create((long) Math.min(CANDIDATES, n));
          for (int row = 0; row < which.length; row += ROWS) {
            int rows = Math.min(ROWS, which.length - row);
            byte[] some = new byte[rows * size];
            for (int i = 0; i < rows; i++) {
              System.arraycopy(set.pixels(), which[row + i] * size, some, i * size, size);
            }
            try (NDManager step = part.newSubManager()) {
              NDArray asked = bytes(some, 0, rows, size, step);
              NDList found = script.call("nearest", asked, data, k);
              long[] indices = found.singletonOrThrow().toLongArray();
              int candidates = indices.length / rows;
              for (int i = 0; i < indices.length; i++) {
                int picture = row + i / candidates;
                int other = from + (int) indices[i];
                // Exactly, where floats have only chosen: near pairs are small differences of sums.
                long square = square(set, which[picture], training, other, size);
                boolean nearer =
                    square < best[picture] || (square == best[picture] && other < at[picture]);
                if (nearer && !(others && square == 0)) {
                  best[picture] = square;
                  at[picture] = other;
                }
              }
            }
          }
        }
      }
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < which.length; i++) {
      if (best[i] != Long.MAX_VALUE) {
        pairs.add(new Pair(which[i], at[i], Math.sqrt((double) best[i] / size)));
      }
    }
    return pairs;
  }

  private static NDArray bytes(byte[] pixels, int from, int count, int size, NDManager scope) {
    ByteBuffer part = ByteBuffer.wrap(pixels, from, count * size).slice();
    return scope.create(part, new Shape(count, size), DataType.UINT8);
  }

  private static long square(ImageSet one, int i, ImageSet other, int j, int size) {
    long sum = 0;
    for (int k = 0; k < size; k++) {
      int d = (one.pixels()[i * size + k] & 0xff) - (other.pixels()[j * size + k] & 0xff);
      sum += (long) d * d;
    }
    return sum;
  }

  /**
   * The share of generated pictures that lie nearer to a training picture than any real one does.
   */
  public double share() {
    double least = least(real);
    return (double) generated.stream().filter(distance -> distance < least).count()
        / generated.size();
  }

  private static double least(List<Double> distances) {
    return distances.stream().mapToDouble(Double::doubleValue).min().orElse(0);
  }

  private static double median(List<Double> distances) {
    double[] sorted = distances.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /**
   * What was found, in one line.
   *
   * @param figures as {@link #figures} gives them
   * @return a sentence without its end
   */
  public static String told(Map<String, Double> figures) {
    double held = figures.getOrDefault("real_copies_held_out", 0.0);
    BigDecimal percent = BigDecimal.valueOf(100 * figures.get("copies")).round(new MathContext(3));
    return "%s %% of the pictures lie nearer to a training picture than %s"
        .formatted(
            percent.stripTrailingZeros().toPlainString(),
            held > 0
                ? String.format(Locale.ROOT, "any of %,.0f real ones that were held out", held)
                : "any two of those to each other, since none were held out");
  }

  /**
   * Every figure by a short name: {@code copies} is the {@link #share}, {@code copies_distance} the
   * median of the distances, {@code copies_least} the least one; those of real pictures have {@code
   * real_} before, and {@code real_copies_held_out} says how many of them were held out.
   */
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("copies", share());
    figures.put("copies_distance", median(generated));
    figures.put("copies_least", least(generated));
    figures.put("real_copies_distance", median(real));
    figures.put("real_copies_least", least(real));
    figures.put("real_copies_held_out", (double) heldOut);
    return figures;
  }

  /**
   * The ten nearest pairs, nearest first: the generated picture above, the training picture below.
   *
   * @param training as given to {@link #of}
   * @param pictures as given to {@link #of}
   * @return the sheet
   */
  public BufferedImage sheet(ImageSet training, ImageSet pictures) {
    int size = training.pixels().length / training.count();
    byte[] cells = new byte[2 * nearest.size() * size];
    for (int i = 0; i < nearest.size(); i++) {
      Pair pair = nearest.get(i);
      System.arraycopy(pictures.pixels(), pair.generated() * size, cells, i * size, size);
      System.arraycopy(
          training.pixels(), pair.training() * size, cells, (nearest.size() + i) * size, size);
    }
    return SampleGrid.columns(nearest.size())
        .ofBytes(cells, training.channels(), training.height(), training.width());
  }
}
