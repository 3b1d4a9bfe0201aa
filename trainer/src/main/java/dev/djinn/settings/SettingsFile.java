package dev.djinn.settings;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkException;
import dev.djinn.network.NetworkFile;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Settings.Player;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Settings in YAML: presets, users' own network files and {@code run.yaml} share this form. */
public final class SettingsFile {
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
    Settings.Image image = Settings.Image.read(file.get("image"));
    LatentSpec latent = LatentSpec.read(file.get("latent"));
    int known = classes(file, classes);
    boolean optional = labelsAreOptional(file);
    Interval length = length(file);
    Map<String, Integer> sizes = sizes(image, latent, known);
    YamlCursor generator = file.get("generator");
    YamlCursor discriminator = file.get("discriminator");
    Shape picture = new Shape(image.channels(), image.height(), image.width());
    Settings settings =
        new Settings(
            file.get("name").text(),
            file.find("summary").map(YamlCursor::text).orElse(""),
            image,
            latent,
            known,
            (int) file.get("batch").integer(1, 100_000),
            length,
            Rules.read(file, image.square(), length),
            Recording.read(file, latent, length),
            file.find("seed").map(v -> v.integer(Long.MIN_VALUE, Long.MAX_VALUE)).orElse(42L),
            new Player(
                NetworkFile.read(
                    "generator",
                    new Shape(latent.size()),
                    known,
                    generator.get("layers"),
                    sizes,
                    optional),
                OptimizerSpec.read(generator, length),
                0),
            new Player(
                NetworkFile.read(
                    "discriminator", picture, known, discriminator.get("layers"), sizes, optional),
                OptimizerSpec.read(discriminator, length),
                discriminator.find("freeze").map(v -> (int) v.integer(0, 1000)).orElse(0)),
            file.find("from").map(YamlCursor::text));
    generator.rejectUnread();
    discriminator.rejectUnread();
    file.rejectUnread();
    check(settings, generator, discriminator, picture);
    checkEpochs(settings, file);
    return settings;
  }

  /** What sizes in layers may be written with. */
  private static Map<String, Integer> sizes(Settings.Image image, LatentSpec latent, int classes) {
    // How often the longer side is halved and rounded up before it is 8 or less, and what is left.
    int height = image.height();
    int width = image.width();
    int stages = 0;
    while (Math.max(height, width) > 8) {
      height = (height + 1) / 2;
      width = (width + 1) / 2;
      stages++;
    }
    Map<String, Integer> sizes = new LinkedHashMap<>();
    sizes.put("height", image.height());
    sizes.put("width", image.width());
    sizes.put("channels", image.channels());
    sizes.put("latent", latent.size());
    sizes.put("classes", classes);
    sizes.put("baseHeight", height);
    sizes.put("baseWidth", width);
    sizes.put("stages", stages);
    sizes.put("top", 1 << Math.max(0, stages - 1));
    if (image.height() == image.width()) {
      sizes.put("side", image.height());
      sizes.put("base", height);
    }
    return sizes;
  }

  /** Whether the file's networks leave out their label layers where there are no labels. */
  public static boolean labelsAreOptional(YamlCursor file) {
    return file.find("classes").filter(v -> v.text().equals("optional")).isPresent();
  }

  private static void check(
      Settings settings, YamlCursor generator, YamlCursor discriminator, Shape picture) {
    Network draws = settings.generator().network();
    Network judges = settings.discriminator().network();
    if (!draws.output().equals(picture)) {
      throw generator.failure("makes " + draws.output() + " but pictures are " + picture);
    }
    AdversarialLoss loss = settings.rules().loss();
    Shape outputs = new Shape(loss.outputs());
    if (!judges.output().equals(outputs)) {
      throw discriminator.failure(
          "makes "
              + judges.output()
              + " but the loss "
              + YamlCursor.kebab(loss)
              + " needs "
              + outputs);
    }
    settings.rules().check(generator, discriminator);
    int freeze = settings.discriminator().freeze();
    if (freeze >= judges.layers().size()) {
      throw discriminator
          .get("freeze")
          .failure(
              freeze
                  + " layers are all of its "
                  + judges.layers().size()
                  + "; leave some that learn, or leave it out");
    }
    if (settings.batch() == 1) {
      checkBatchNorm(generator, draws.steps());
      checkBatchNorm(discriminator, judges.steps());
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
    if (!(settings.rules().schedule() instanceof Schedule.Adaptive)) {
      return;
    }
    Stream<YamlCursor> every =
        Stream.of("sample-every", "manifold-every", "log-every", "checkpoint-every")
            .flatMap(key -> file.find(key).stream());
    String steps = "rounds of an adaptive schedule have no fixed number of batches; give steps";
    Stream.concat(file.find("epochs").stream(), every.filter(at -> Interval.read(at).epochs()))
        .findFirst()
        .ifPresent(
            at -> {
              throw at.failure(steps);
            });
    if (settings.rules().rateDecay().over().unit() != Course.Span.Unit.STEPS) {
      throw file.get("rate-decay").get("over").failure(steps);
    }
    if (!settings.courses().allMatch(Course::inSteps)) {
      throw file.failure("'over' and 'at': " + steps);
    }
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

  private static Interval length(YamlCursor file) {
    boolean steps = file.find("steps").isPresent();
    if (steps == file.find("epochs").isPresent()) {
      throw file.failure("give either 'steps' or 'epochs'");
    }
    String key = steps ? "steps" : "epochs";
    return new Interval((int) file.get(key).integer(1, Interval.MOST), !steps);
  }

  /**
   * Writes settings as the plain maps and lists that {@link #read} understands, everything
   * resolved.
   *
   * @param s the settings
   * @return a map for a YAML writer, in the order of presets
   */
  public static Map<String, Object> write(Settings s) {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("name", s.name());
    file.put("summary", s.summary());
    file.put("seed", s.seed());
    s.from().ifPresent(run -> file.put("from", run));
    file.put("image", s.image().write());
    file.put("latent", s.latent().write());
    file.put("classes", s.classes());
    file.put("batch", s.batch());
    file.put(s.length().epochs() ? "epochs" : "steps", s.length().amount());
    s.rules().write(file);
    s.recording().write(file);
    file.put("generator", s.generator().write());
    file.put("discriminator", s.discriminator().write());
    return file;
  }
}
