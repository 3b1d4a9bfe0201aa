package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The rules of the game: what the networks learn from each other, and when.
 *
 * @param loss what the networks minimise
 * @param discriminatorLoss whether the discriminator's two halves are averaged or added
 * @param realBatches how batches of real pictures are made up
 * @param passes how the networks run when they serve each other's update
 * @param schedule who is updated when
 * @param penalties gradient penalties of the discriminator
 * @param seen what becomes of pictures before the discriminator sees them
 * @param rateDecay how the learning rates fall
 * @param average the averaged generator, which samples and exports then come from
 */
public record Rules(
    AdversarialLoss loss,
    AdversarialLoss.LossScale discriminatorLoss,
    RealBatches realBatches,
    Passes passes,
    Schedule schedule,
    Penalties penalties,
    Seen seen,
    RateDecay rateDecay,
    Average average) {

  /** How batches of real pictures are made up. */
  public enum RealBatches {
    /** Each epoch has a fresh order, and none twice. */
    SHUFFLED,
    /** Each picture of each batch is drawn anew from all, with replacement. */
    DRAWN
  }

  /**
   * Penalties on the discriminator's gradient with respect to pictures; 0 is none.
   *
   * @param r1 γ of γ/2 · E‖∇D(x)‖² on real pictures (Mescheder et al. 2018, equation 9)
   * @param r2 γ of the same on generated pictures
   * @param wganGp λ of λ · E(‖∇D(x̂)‖ − 1)² between the two (Gulrajani et al. 2017, equation 3)
   * @param every how many updates of the discriminator have penalties once, so many times as heavy
   *     then (Karras et al. 2020, "lazy regularization")
   */
  public record Penalties(Course r1, Course r2, Course wganGp, int every) {
    /** No penalty. */
    public static final Penalties NONE = new Penalties(0, 0, 0);

    /**
     * The same in every update.
     *
     * @param r1 γ on real pictures
     * @param r2 γ on generated pictures
     * @param wganGp λ between the two
     */
    public Penalties(double r1, double r2, double wganGp) {
      this(new Course.Constant(r1), new Course.Constant(r2), new Course.Constant(wganGp), 1);
    }

    private static Penalties read(YamlCursor at, Interval length) {
      Penalties penalties =
          new Penalties(
              weight(at, "r1", length),
              weight(at, "r2", length),
              weight(at, "wgan-gp", length),
              at.find("every").map(v -> (int) v.integer(1, 1000)).orElse(1));
      at.rejectUnread();
      return penalties;
    }

    private static Course weight(YamlCursor at, String key, Interval length) {
      return at.find(key).map(v -> Course.read(v, 0, 1e6, length)).orElse(new Course.Constant(0));
    }

    private Map<String, Object> write() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("r1", r1.write());
      map.put("r2", r2.write());
      map.put("wgan-gp", wganGp.write());
      if (every != 1) {
        map.put("every", every);
      }
      return map;
    }
  }

  static Rules read(YamlCursor file, boolean square, Interval length) {
    return new Rules(
        file.get("loss").constant(AdversarialLoss.class),
        choice(file, "discriminator-loss", AdversarialLoss.LossScale.MEAN),
        choice(file, "real-batches", RealBatches.SHUFFLED),
        Passes.read(file),
        Schedule.read(file.get("schedule")),
        file.find("penalties").map(at -> Penalties.read(at, length)).orElse(Penalties.NONE),
        Seen.read(file, square, length),
        file.find("rate-decay").map(at -> RateDecay.read(at, length)).orElse(RateDecay.NONE),
        file.find("average").map(at -> Average.read(at, length)).orElse(Average.none()));
  }

  private static <E extends Enum<E>> E choice(YamlCursor file, String key, E otherwise) {
    return file.find(key)
        .map(value -> value.constant(otherwise.getDeclaringClass()))
        .orElse(otherwise);
  }

  /** What earlier versions did not have is only written where it says something. */
  void write(Map<String, Object> file) {
    file.put("loss", YamlCursor.kebab(loss));
    if (discriminatorLoss != AdversarialLoss.LossScale.MEAN) {
      file.put("discriminator-loss", YamlCursor.kebab(discriminatorLoss));
    }
    if (realBatches != RealBatches.SHUFFLED) {
      file.put("real-batches", YamlCursor.kebab(realBatches));
    }
    passes.write(file);
    file.put("schedule", schedule.write());
    if (!penalties.equals(Penalties.NONE)) {
      file.put("penalties", penalties.write());
    }
    seen.write(file);
    if (!rateDecay.equals(RateDecay.NONE)) {
      file.put("rate-decay", rateDecay.write());
    }
    file.put("average", average.write());
  }

  /** Numbers that may change as training goes on. */
  Stream<Course> courses() {
    Stream<Course> weights = Stream.of(penalties.r1(), penalties.r2(), penalties.wganGp());
    Stream<Course> others =
        Stream.concat(
            average instanceof Average.HalfLife halfLife
                ? Stream.of(halfLife.images())
                : Stream.empty(),
            seen.changes().stream().map(Changes::probability));
    return Stream.concat(weights, others);
  }

  /** Refuses rules that contradict each other. */
  void check(YamlCursor generator, YamlCursor discriminator) {
    passes.check(schedule, generator);
    String compares =
        " needs a loss of two halves, but "
            + YamlCursor.kebab(loss)
            + " compares real with generated pictures; ";
    if (passes.discriminatorBatches() == Passes.DiscriminatorBatches.IN_TURN) {
      if (!loss.separable()) {
        throw discriminator.failure(
            "discriminator-batches: in-turn" + compares + "take separate or joined");
      }
      if (!penalties.equals(Penalties.NONE)) {
        throw discriminator.failure(
            "penalties do not go with discriminator-batches: in-turn; take separate");
      }
    }
    if (discriminatorLoss == AdversarialLoss.LossScale.SUM && !loss.separable()) {
      throw discriminator.failure("discriminator-loss: sum" + compares + "leave it out");
    }
  }
}
