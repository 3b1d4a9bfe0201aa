package dev.djinn.settings;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkException;
import dev.djinn.network.NetworkFile;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.LatentSpec.Distribution;
import dev.djinn.settings.Settings.DiscriminatorBatches;
import dev.djinn.settings.Settings.Generated;
import dev.djinn.settings.Settings.GeneratorMode;
import dev.djinn.settings.Settings.Schedule;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Settings in YAML: presets, users' own network files and {@code run.yaml} share this form. */
public final class SettingsFile {
  private static final int MOST = 1_000_000_000;

  private SettingsFile() {}

  /**
   * Reads settings.
   *
   * @param file a cursor on the file's root; keys of the run folder ({@code run}) are left alone
   * @param classes number of label classes that the data has, 0 if it has no labels; unused if the
   *     file states a number itself. A file with {@code classes: optional} loses its label layers
   *     where there are no labels
   * @return the settings
   * @throws NetworkException naming file, line and what is wrong
   */
  public static Settings read(YamlCursor file, int classes) {
    file.find("run");
    Settings.Image image = image(file.get("image"));
    LatentSpec latent = latent(file.get("latent"));
    int known = classes(file, classes);
    boolean optional = labelsAreOptional(file);
    // How often the side is halved and rounded up before it is 8 or less, and what is left of it.
    int base = image.side();
    int stages = 0;
    while (base > 8) {
      base = (base + 1) / 2;
      stages++;
    }
    Map<String, Integer> names =
        Map.of(
            "side",
            image.side(),
            "channels",
            image.channels(),
            "latent",
            latent.size(),
            "classes",
            known,
            "base",
            base,
            "stages",
            stages,
            "top",
            1 << Math.max(0, stages - 1));
    YamlCursor generator = file.get("generator");
    YamlCursor discriminator = file.get("discriminator");
    Shape picture = new Shape(image.channels(), image.side(), image.side());
    Settings settings =
        new Settings(
            file.get("name").text(),
            file.find("summary").map(YamlCursor::text).orElse(""),
            image,
            latent,
            known,
            (int) file.get("batch").integer(1, 100_000),
            length(file),
            file.get("loss").constant(AdversarialLoss.class),
            choice(file, "discriminator-loss", Settings.LossScale.MEAN),
            choice(file, "real-batches", Settings.RealBatches.SHUFFLED),
            file.get("discriminator-batches").constant(DiscriminatorBatches.class),
            file.get("generator-mode").constant(GeneratorMode.class),
            choice(file, "discriminator-mode", Settings.DiscriminatorMode.TRAINING),
            file.get("generated").constant(Generated.class),
            file.find("penalties").map(SettingsFile::penalties).orElse(Settings.Penalties.NONE),
            augment(file),
            schedule(file.get("schedule")),
            file.find("rate-decay")
                .map(at -> rateDecay(at, length(file)))
                .orElse(Settings.RateDecay.NONE),
            file.find("average").map(v -> v.real(0, 0.999_999)).orElse(0.0),
            new Settings.Samples(
                interval(file.get("sample-every")),
                (int) file.get("sample-count").integer(1, 10_000),
                (int) file.get("sample-columns").integer(1, 1_000),
                file.find("dark-on-light").map(YamlCursor::bool).orElse(false),
                file.find("sample-title").map(YamlCursor::text).orElse(Settings.Samples.LABEL),
                manifold(file, latent)),
            interval(file.get("log-every")),
            file.find("inference-losses").map(YamlCursor::bool).orElse(false),
            interval(file.get("checkpoint-every")),
            file.find("keep-checkpoints").map(v -> (int) v.integer(0, MOST)).orElse(3),
            file.find("keep-best").map(v -> v.constant(Settings.BestBy.class)),
            file.find("seed").map(v -> v.integer(Long.MIN_VALUE, Long.MAX_VALUE)).orElse(42L),
            network(generator, "generator", new Shape(latent.size()), known, names, optional),
            optimizer(generator),
            network(discriminator, "discriminator", picture, known, names, optional),
            optimizer(discriminator));
    generator.rejectUnread();
    discriminator.rejectUnread();
    file.rejectUnread();
    check(settings, generator, discriminator, picture);
    checkEpochs(settings, file);
    return settings;
  }

  /** Whether the file's networks leave out their label layers where there are no labels. */
  public static boolean labelsAreOptional(YamlCursor file) {
    return file.find("classes").filter(v -> v.text().equals("optional")).isPresent();
  }

  private static void check(
      Settings settings, YamlCursor generator, YamlCursor discriminator, Shape picture) {
    if (!settings.generator().output().equals(picture)) {
      throw generator.failure(
          "makes " + settings.generator().output() + " but pictures are " + picture);
    }
    Shape outputs = new Shape(settings.loss().outputs());
    if (!settings.discriminator().output().equals(outputs)) {
      throw discriminator.failure(
          "makes "
              + settings.discriminator().output()
              + " but the loss "
              + YamlCursor.kebab(settings.loss())
              + " needs "
              + outputs);
    }
    if (settings.generated() == Generated.ONCE
        && settings.generatorMode() == GeneratorMode.INFERENCE) {
      throw generator.failure(
          "generated: once needs generator-mode: training, since one pass serves both updates");
    }
    if (settings.generated() == Generated.ONCE
        && settings.schedule() instanceof Schedule.Adaptive) {
      throw generator.failure("generated: once does not go with an adaptive schedule");
    }
    if (settings.discriminatorBatches() == DiscriminatorBatches.IN_TURN) {
      if (!settings.loss().separable()) {
        throw discriminator.failure(
            "discriminator-batches: in-turn needs a loss of two halves, but "
                + YamlCursor.kebab(settings.loss())
                + " compares real with generated pictures; take separate or joined");
      }
      if (!settings.penalties().equals(Settings.Penalties.NONE)) {
        throw discriminator.failure(
            "penalties do not go with discriminator-batches: in-turn; take separate");
      }
    }
    if (settings.discriminatorLoss() == Settings.LossScale.SUM && !settings.loss().separable()) {
      throw discriminator.failure(
          "discriminator-loss: sum needs a loss of two halves, but "
              + YamlCursor.kebab(settings.loss())
              + " compares real with generated pictures; leave it out");
    }
    if (settings.batch() == 1) {
      checkBatchNorm(generator, settings.generator().steps());
      checkBatchNorm(discriminator, settings.discriminator().steps());
    }
  }

  /** One value has no variance, and what is learnt from it is no number. */
  private static void checkBatchNorm(YamlCursor network, List<Network.Step> steps) {
    for (Network.Step step : steps) {
      Shape input = step.at().input();
      if (step.layer() instanceof Layer.BatchNorm && input.size() == input.get(0)) {
        throw network.failure(
            "layer "
                + step.at().path()
                + ": batch-norm needs more than one value a channel; take a batch of 2 or more");
      }
      if (step.layer() instanceof Layer.Residual residual) {
        checkBatchNorm(network, residual.bodySteps(step.at()));
        checkBatchNorm(network, residual.shortcutSteps(step.at()));
      }
    }
  }

  /** A step of an adaptive schedule takes as many batches as it needs, so none ends an epoch. */
  private static void checkEpochs(Settings settings, YamlCursor file) {
    if (!(settings.schedule() instanceof Schedule.Adaptive)) {
      return;
    }
    Stream<YamlCursor> every =
        Stream.of("sample-every", "manifold-every", "log-every", "checkpoint-every")
            .flatMap(key -> file.find(key).stream());
    Stream<YamlCursor> over = file.find("rate-decay").flatMap(at -> at.find("over")).stream();
    Stream.concat(
            file.find("epochs").stream(),
            Stream.concat(every, over).filter(at -> interval(at).epochs()))
        .findFirst()
        .ifPresent(
            at -> {
              throw at.failure(
                  "rounds of an adaptive schedule have no fixed number of batches; give steps");
            });
  }

  private static int classes(YamlCursor file, int classes) {
    return file.find("classes")
        .map(
            value -> {
              if (value.text().equals("optional")) {
                return classes;
              }
              if (!value.text().equals("data")) {
                return (int) value.integer(0, 100_000);
              }
              if (classes == 0) {
                throw value.failure(
                    "this network needs labels, but the data has none; sort the pictures into a folder a"
                        + " class, or take a network without labels, such as dcgan");
              }
              return classes;
            })
        .orElse(0);
  }

  private static <E extends Enum<E>> E choice(YamlCursor file, String key, E otherwise) {
    return file.find(key)
        .map(value -> value.constant(otherwise.getDeclaringClass()))
        .orElse(otherwise);
  }

  private static Settings.Image image(YamlCursor at) {
    Settings.Image image =
        new Settings.Image(
            (int) at.get("side").integer(4, 1024),
            (int) at.get("channels").integer(1, 4),
            at.get("pixels").text().equals("0..1") ? 0 : low(at.get("pixels")));
    at.rejectUnread();
    return image;
  }

  private static int low(YamlCursor pixels) {
    if (!pixels.text().equals("-1..1")) {
      throw pixels.failure("expected -1..1 or 0..1, got '" + pixels.text() + "'");
    }
    return -1;
  }

  private static LatentSpec latent(YamlCursor at) {
    int size = (int) at.get("size").integer(1, 100_000);
    Distribution distribution = at.get("distribution").constant(Distribution.class);
    double low = 0;
    double high = 0;
    if (distribution == Distribution.UNIFORM) {
      low = at.get("low").real(-1e6, 1e6);
      high = at.get("high").real(-1e6, 1e6);
      if (low >= high) {
        throw at.failure("low " + low + " must be below high " + high);
      }
    }
    at.rejectUnread();
    return new LatentSpec(size, distribution, low, high);
  }

  private static Interval length(YamlCursor file) {
    boolean steps = file.find("steps").isPresent();
    if (steps == file.find("epochs").isPresent()) {
      throw file.failure("give either 'steps' or 'epochs'");
    }
    String key = steps ? "steps" : "epochs";
    return new Interval((int) file.get(key).integer(1, MOST), !steps);
  }

  private static Interval interval(YamlCursor at) {
    if (at.text().matches("-?[0-9_]+")) {
      return new Interval((int) at.integer(1, MOST), false);
    }
    return Interval.parse(at.text())
        .orElseThrow(
            () ->
                at.failure(
                    "expected a number of steps, '10 epochs', '1 then every 10 epochs' or '20 until 2000, then 200', got '"
                        + at.text()
                        + "'"));
  }

  private static Optional<Interval> manifold(YamlCursor file, LatentSpec latent) {
    Optional<YamlCursor> every = file.find("manifold-every");
    if (every.isPresent() && latent.size() != 2) {
      throw every
          .get()
          .failure("a manifold shows a latent of two numbers, this one has " + latent.size());
    }
    return every.map(SettingsFile::interval);
  }

  private static Schedule schedule(YamlCursor at) {
    if (at.isScalar()) {
      if (!at.text().equals("alternating")) {
        throw at.failure("expected alternating or adaptive: {…}, got '" + at.text() + "'");
      }
      return new Schedule.Alternating();
    }
    YamlCursor adaptive = at.get("adaptive");
    Schedule schedule =
        new Schedule.Adaptive(
            (int) adaptive.get("most").integer(1, 1000),
            adaptive.get("discriminator-until").real(0, 1e9),
            adaptive.get("generator-until").real(0, 1e9));
    adaptive.rejectUnread();
    at.rejectUnread();
    return schedule;
  }

  private static Settings.Penalties penalties(YamlCursor at) {
    Settings.Penalties penalties =
        new Settings.Penalties(
            at.find("r1").map(v -> v.real(0, 1e6)).orElse(0.0),
            at.find("r2").map(v -> v.real(0, 1e6)).orElse(0.0),
            at.find("wgan-gp").map(v -> v.real(0, 1e6)).orElse(0.0));
    at.rejectUnread();
    return penalties;
  }

  private static Set<Settings.Augment> augment(YamlCursor file) {
    Set<Settings.Augment> kinds = EnumSet.noneOf(Settings.Augment.class);
    file.find("augment")
        .map(YamlCursor::list)
        .orElse(List.of())
        .forEach(kind -> kinds.add(kind.constant(Settings.Augment.class)));
    return Collections.unmodifiableSet(kinds);
  }

  /** Over the whole run if it does not say; the run's folder then does, for a longer one. */
  private static Settings.RateDecay rateDecay(YamlCursor at, Interval length) {
    Settings.RateDecay decay =
        new Settings.RateDecay(
            at.get("shape").constant(Settings.RateDecay.Shape.class),
            at.get("to").real(0, 1),
            at.find("over").map(SettingsFile::interval).orElse(length));
    if (decay.over().later().isPresent()) {
      throw at.get("over").failure("must be one number of steps or epochs");
    }
    at.rejectUnread();
    return decay;
  }

  private static Network network(
      YamlCursor at,
      String name,
      Shape input,
      int classes,
      Map<String, Integer> names,
      boolean optionalLabels) {
    return NetworkFile.read(name, input, classes, at.get("layers"), names, optionalLabels);
  }

  private static OptimizerSpec optimizer(YamlCursor at) {
    YamlCursor kind = at.get("optimizer");
    double rate = at.get("rate").real(1e-12, 1e3);
    return switch (kind.text()) {
      case "adam" ->
          new OptimizerSpec.Adam(
              rate,
              at.get("beta1").real(0, 0.999_999),
              at.get("beta2").real(0, 0.999_999),
              at.get("epsilon").real(0, 1));
      case "rmsprop" ->
          new OptimizerSpec.RmsProp(
              rate, at.get("decay").real(0, 0.999_999), at.get("epsilon").real(0, 1));
      default -> throw kind.failure("expected adam or rmsprop, got '" + kind.text() + "'");
    };
  }

  /**
   * Writes settings as the plain maps and lists that {@link #read} understands, everything
   * resolved.
   *
   * @param s the settings
   * @return a map for a YAML writer, in the order of presets
   */
  public static Map<String, Object> write(Settings s) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", s.name());
    map.put("summary", s.summary());
    map.put("seed", s.seed());
    map.put(
        "image",
        ordered(
            "side", s.image().side(),
            "channels", s.image().channels(),
            "pixels", s.image().low() == 0 ? "0..1" : "-1..1"));
    LatentSpec l = s.latent();
    Map<String, Object> latent =
        ordered("size", l.size(), "distribution", YamlCursor.kebab(l.distribution()));
    if (l.distribution() == Distribution.UNIFORM) {
      latent.put("low", l.low());
      latent.put("high", l.high());
    }
    map.put("latent", latent);
    map.put("classes", s.classes());
    map.put("batch", s.batch());
    map.put(s.length().epochs() ? "epochs" : "steps", s.length().amount());
    map.put("loss", YamlCursor.kebab(s.loss()));
    putUnless(map, "discriminator-loss", s.discriminatorLoss(), Settings.LossScale.MEAN);
    putUnless(map, "real-batches", s.realBatches(), Settings.RealBatches.SHUFFLED);
    map.put("discriminator-batches", YamlCursor.kebab(s.discriminatorBatches()));
    map.put("generator-mode", YamlCursor.kebab(s.generatorMode()));
    putUnless(
        map, "discriminator-mode", s.discriminatorMode(), Settings.DiscriminatorMode.TRAINING);
    map.put("generated", YamlCursor.kebab(s.generated()));
    map.put(
        "schedule",
        s.schedule() instanceof Schedule.Adaptive a
            ? ordered(
                "adaptive",
                ordered(
                    "most", a.most(),
                    "discriminator-until", a.discriminatorUntil(),
                    "generator-until", a.generatorUntil()))
            : "alternating");
    if (!s.penalties().equals(Settings.Penalties.NONE)) {
      map.put(
          "penalties",
          ordered(
              "r1", s.penalties().r1(),
              "r2", s.penalties().r2(),
              "wgan-gp", s.penalties().wganGp()));
    }
    if (!s.augment().isEmpty()) {
      map.put("augment", s.augment().stream().map(YamlCursor::kebab).toList());
    }
    if (!s.rateDecay().equals(Settings.RateDecay.NONE)) {
      map.put(
          "rate-decay",
          ordered(
              "shape", YamlCursor.kebab(s.rateDecay().shape()),
              "to", s.rateDecay().to(),
              "over", plain(s.rateDecay().over())));
    }
    map.put("average", s.average());
    map.put("sample-every", plain(s.samples().every()));
    map.put("sample-count", s.samples().count());
    map.put("sample-columns", s.samples().columns());
    map.put("dark-on-light", s.samples().darkOnLight());
    if (!s.samples().title().equals(Settings.Samples.LABEL)) {
      map.put("sample-title", s.samples().title());
    }
    s.samples().manifoldEvery().ifPresent(every -> map.put("manifold-every", plain(every)));
    map.put("log-every", plain(s.logEvery()));
    if (s.inferenceLosses()) {
      map.put("inference-losses", true);
    }
    map.put("checkpoint-every", plain(s.checkpointEvery()));
    map.put("keep-checkpoints", s.keepCheckpoints());
    s.keepBest().ifPresent(best -> map.put("keep-best", YamlCursor.kebab(best)));
    map.put("generator", network(s.generator(), s.generatorOptimizer()));
    map.put("discriminator", network(s.discriminator(), s.discriminatorOptimizer()));
    return map;
  }

  /** Settings that earlier versions did not have are only written where they say something. */
  private static void putUnless(
      Map<String, Object> map, String key, Enum<?> value, Enum<?> otherwise) {
    if (value != otherwise) {
      map.put(key, YamlCursor.kebab(value));
    }
  }

  private static Object plain(Interval interval) {
    return interval.epochs()
            || interval.first() != interval.amount()
            || interval.later().isPresent()
        ? interval.toString()
        : interval.amount();
  }

  private static Map<String, Object> network(Network network, OptimizerSpec optimizer) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (optimizer instanceof OptimizerSpec.Adam adam) {
      map.put("optimizer", "adam");
      map.put("rate", adam.rate());
      map.put("beta1", adam.beta1());
      map.put("beta2", adam.beta2());
      map.put("epsilon", adam.epsilon());
    } else if (optimizer instanceof OptimizerSpec.RmsProp rmsProp) {
      map.put("optimizer", "rmsprop");
      map.put("rate", rmsProp.rate());
      map.put("decay", rmsProp.decay());
      map.put("epsilon", rmsProp.epsilon());
    }
    map.put("layers", NetworkFile.write(network.layers()));
    return map;
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
