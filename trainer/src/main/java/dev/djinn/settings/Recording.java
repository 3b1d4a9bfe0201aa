package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.Map;
import java.util.Optional;

/**
 * What a run writes down of itself, and how often; none of it changes what it computes.
 *
 * @param samples the sample sheets
 * @param log rows of log.csv
 * @param checkpointEvery checkpoints
 * @param keepCheckpoints how many checkpoints stay, 0 for all
 * @param keepBest whether the best checkpoint by a measured figure stays, too, and by which
 */
public record Recording(
    Samples samples,
    Log log,
    Interval checkpointEvery,
    int keepCheckpoints,
    Optional<BestBy> keepBest) {

  /** What a run of any length has where its file says nothing: enough to see how it went. */
  public static final int SHEETS = 10;

  /** The same of rows of {@code log.csv}. */
  public static final int ROWS = 50;

  /** The same of checkpoints. */
  public static final int CHECKPOINTS = 5;

  /** A figure of {@code metrics.csv}, by which a checkpoint is the best of its run. */
  public enum BestBy {
    /** The Fréchet distance, the lower the better. */
    FCD,
    /** The kernel distance, the lower the better. */
    KID,
    /** The higher the better. */
    COVERAGE;

    /**
     * Whether one value is better than another.
     *
     * @param value a checkpoint's figure
     * @param than another's
     * @return false if they are equal
     */
    public boolean better(double value, double than) {
      return this == COVERAGE ? value > than : value < than;
    }
  }

  /**
   * The sample sheets: the same latents every time.
   *
   * @param every how often
   * @param count pictures on a sheet
   * @param columns columns of the sheet
   * @param darkOnLight whether the pictures are shown inverted
   * @param title above each picture of a conditional network, with {@code {label}} for its class
   * @param manifoldEvery how often all that a latent of two numbers reaches is shown, if at all
   */
  public record Samples(
      Interval every,
      int count,
      int columns,
      boolean darkOnLight,
      String title,
      Optional<Interval> manifoldEvery) {
    /** Stands for the name of a picture's class. */
    static final String LABEL = "{label}";

    /**
     * The title of a picture of a class.
     *
     * @param label the class's name
     * @return the title
     */
    public String titleOf(String label) {
      return title.replace(LABEL, label);
    }

    /** Whether manifolds are drawn after this many steps. */
    public boolean manifoldDue(long steps, long stepsPerEpoch, boolean end) {
      return manifoldEvery.filter(every -> end || every.due(steps, stepsPerEpoch)).isPresent();
    }

    private static Samples read(YamlCursor file, LatentSpec latent, Interval length) {
      return new Samples(
          file.find("sample-every").map(Interval::read).orElse(length.part(SHEETS)),
          (int) file.get("sample-count").integer(1, 10_000),
          (int) file.get("sample-columns").integer(1, 1_000),
          file.find("dark-on-light").map(YamlCursor::bool).orElse(false),
          file.find("sample-title").map(YamlCursor::text).orElse(LABEL),
          manifold(file, latent));
    }

    private static Optional<Interval> manifold(YamlCursor file, LatentSpec latent) {
      Optional<YamlCursor> every = file.find("manifold-every");
      if (every.isPresent() && latent.size() != 2) {
        throw every
            .get()
            .failure("a manifold shows a latent of two numbers, this one has " + latent.size());
      }
      return every.map(Interval::read);
    }

    private void write(Map<String, Object> file) {
      file.put("sample-every", every.write());
      file.put("sample-count", count);
      file.put("sample-columns", columns);
      file.put("dark-on-light", darkOnLight);
      if (!title.equals(LABEL)) {
        file.put("sample-title", title);
      }
      manifoldEvery.ifPresent(rhythm -> file.put("manifold-every", rhythm.write()));
    }
  }

  /**
   * The rows of the log.
   *
   * @param every how often
   * @param inferenceLosses whether they also have both losses in inference mode
   * @param tensorBoard whether rows and sheets are written as TensorBoard's events, too
   */
  public record Log(Interval every, boolean inferenceLosses, boolean tensorBoard) {
    private static Log read(YamlCursor file, Interval length) {
      return new Log(
          file.find("log-every").map(Interval::read).orElse(length.part(ROWS)),
          file.find("inference-losses").map(YamlCursor::bool).orElse(false),
          file.find("tensorboard").map(YamlCursor::bool).orElse(false));
    }

    private void write(Map<String, Object> file) {
      file.put("log-every", every.write());
      if (inferenceLosses) {
        file.put("inference-losses", true);
      }
      if (tensorBoard) {
        file.put("tensorboard", true);
      }
    }
  }

  static Recording read(YamlCursor file, LatentSpec latent, Interval length) {
    return new Recording(
        Samples.read(file, latent, length),
        Log.read(file, length),
        file.find("checkpoint-every").map(Interval::read).orElse(length.part(CHECKPOINTS)),
        file.find("keep-checkpoints").map(v -> (int) v.integer(0, Interval.MOST)).orElse(3),
        file.find("keep-best").map(v -> v.constant(BestBy.class)));
  }

  void write(Map<String, Object> file) {
    samples.write(file);
    log.write(file);
    file.put("checkpoint-every", checkpointEvery.write());
    file.put("keep-checkpoints", keepCheckpoints);
    keepBest.ifPresent(best -> file.put("keep-best", YamlCursor.kebab(best)));
  }
}
