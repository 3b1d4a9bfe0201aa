package dev.djinn.trainer;

import ai.djl.nn.Block;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.progress.ProgressLine;
import dev.djinn.run.Origin;
import dev.djinn.run.Preset;
import dev.djinn.run.Presets;
import dev.djinn.run.RunFacts;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsTable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A wish for a run, as {@code djinn train} takes it: what is not said is as the preset, or the run
 * that goes on or is run again, has it.
 *
 * <pre>{@code
 * TrainingRequest request =
 *     TrainingRequest.of("quick").withData("photos").into(Path.of("runs/photos"));
 * try (TrainingRun run = request.prepare(PrintedProgress.to(System.err))) {
 *   run.run();
 * }
 * }</pre>
 *
 * @param preset a preset's name, a network file or another run's {@code run.yaml}; may be empty
 *     only for a run that goes on
 * @param folder the run's; if empty, {@code runs/} and the preset's name
 * @param changes settings to change, by dotted key
 * @param data what to learn from
 * @param machine what to compute on
 * @param measuring of quality at every checkpoint
 * @param resume if present, to go on with the run in the folder; the settings that may differ from
 *     its own
 * @param blocks somebody's own networks in the place of the preset's
 */
public record TrainingRequest(
    Optional<String> preset,
    Optional<Path> folder,
    Map<String, String> changes,
    Data data,
    Machine machine,
    Measuring measuring,
    Optional<Set<String>> resume,
    Optional<Blocks> blocks) {

  /** Fewer pictures than this are few. */
  private static final int FEW = 5000;

  /**
   * What to learn from.
   *
   * @param name a data set's name or path
   * @param options how it is found and what is made of it, as {@link DataOptions#of} takes them
   */
  public record Data(Optional<String> name, Map<String, String> options) {}

  /**
   * What to compute on.
   *
   * @param device {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}
   * @param threads native threads; one a core if not said
   */
  public record Machine(Optional<String> device, OptionalInt threads) {}

  /**
   * Of quality at every checkpoint.
   *
   * @param wanted whether to measure
   * @param classifier a name or file to see with; if empty, the one of the data
   * @param targetFcd end once the Fréchet distance is at most this; implies {@code wanted}
   */
  public record Measuring(boolean wanted, Optional<String> classifier, OptionalDouble targetFcd) {}

  /**
   * Networks as DJL blocks, both initialized. Labels are their second input, int64 (batch), if they
   * were initialized with two.
   *
   * @param generator makes pictures, float32 (batch, channels, height, width) in the preset's
   *     range, of latents, float32 (batch, latent size)
   * @param discriminator makes a logit, float32 (batch, 1), of pictures
   */
  public record Blocks(Block generator, Block discriminator) {}

  /** All that was said or found. */
  private record Resolved(TrainingRun.Plan plan, ImageSet images) {}

  /**
   * A wish for a new run, as {@code djinn train PRESET} takes it.
   *
   * @param preset a preset's name, a network file or another run's {@code run.yaml}
   * @return everything else as the preset has it
   */
  public static TrainingRequest of(String preset) {
    return of(Optional.of(preset), Optional.empty(), Optional.empty());
  }

  /**
   * A wish to go on with a run from its last checkpoint, as {@code djinn train --resume} takes it.
   *
   * @param folder the run's
   * @return everything as the run has it
   */
  public static TrainingRequest resuming(Path folder) {
    return of(Optional.empty(), Optional.of(folder), Optional.of(Set.of()));
  }

  private static TrainingRequest of(
      Optional<String> preset, Optional<Path> folder, Optional<Set<String>> resume) {
    return new TrainingRequest(
        preset,
        folder,
        Map.of(),
        new Data(Optional.empty(), Map.of()),
        new Machine(Optional.empty(), OptionalInt.empty()),
        new Measuring(false, Optional.empty(), OptionalDouble.empty()),
        resume,
        Optional.empty());
  }

  /**
   * Returns this into another folder.
   *
   * @param run a new run's is empty or does not exist yet
   */
  public TrainingRequest into(Path run) {
    return new TrainingRequest(
        preset, Optional.of(run), changes, data, machine, measuring, resume, blocks);
  }

  /**
   * Returns this with a setting changed, as {@code --set} changes it.
   *
   * @param key dotted, as {@code steps} or {@code generator.rate}
   * @param value as a file has it
   */
  public TrainingRequest with(String key, Object value) {
    Map<String, String> all = new LinkedHashMap<>(changes);
    all.put(key, value.toString());
    return new TrainingRequest(preset, folder, all, data, machine, measuring, resume, blocks);
  }

  /**
   * Returns this on other pictures.
   *
   * @param name a data set's name or path, as {@code --data} takes it
   */
  public TrainingRequest withData(String name) {
    return new TrainingRequest(
        preset,
        folder,
        changes,
        new Data(Optional.of(name), data.options()),
        machine,
        measuring,
        resume,
        blocks);
  }

  /**
   * Returns this with your own networks in the place of the preset's, whose rules, optimizers and
   * latents stay. The run starts from the blocks' values and leaves them as they are; {@link
   * TrainedGenerator#load} gives a block what was learnt. To go on with such a run, give it blocks
   * of the same parameters again.
   *
   * @param generator as {@link Blocks#generator}
   * @param discriminator as {@link Blocks#discriminator}
   */
  public TrainingRequest withBlocks(Block generator, Block discriminator) {
    return new TrainingRequest(
        preset,
        folder,
        changes,
        data,
        machine,
        measuring,
        resume,
        Optional.of(new Blocks(generator, discriminator)));
  }

  /** Returns this with its quality measured at every checkpoint, as {@code --metrics} does. */
  public TrainingRequest withMetrics() {
    return new TrainingRequest(
        preset,
        folder,
        changes,
        data,
        machine,
        new Measuring(true, measuring.classifier(), measuring.targetFcd()),
        resume,
        blocks);
  }

  /**
   * Prepares the run.
   *
   * @param listener is told of the data, and then what happens
   * @return a run, not yet running; the caller closes it
   * @throws IllegalArgumentException if the request contradicts itself or names nothing
   * @throws TrainingException if the run cannot be as requested
   */
  public TrainingRun prepare(TrainingListener listener) {
    return prepare(resolve(listener).plan(), listener);
  }

  /**
   * Prepares the run as {@link #prepare(TrainingListener)} does, once it is seen that it could be
   * had with each of several changes, too.
   *
   * @param choices further settings to change, by dotted key
   * @param listener is told of the data, and then what happens
   * @return a run, not yet running; the caller closes it
   * @throws IllegalArgumentException if this contradicts itself or names nothing
   * @throws TrainingException if the run cannot be as requested
   * @throws dev.djinn.network.NetworkException naming the first change that is wrong
   */
  public TrainingRun prepare(List<Map<String, String>> choices, TrainingListener listener) {
    Resolved resolved = resolve(listener);
    Preset recipe = Presets.open(preset.orElseThrow());
    for (Map<String, String> choice : choices) {
      Map<String, String> all = new LinkedHashMap<>(changes);
      all.putAll(choice);
      settings(recipe, started(all), resolved.images());
    }
    return prepare(resolved.plan(), listener);
  }

  private TrainingRun prepare(TrainingRun.Plan plan, TrainingListener listener) {
    if (resume.isEmpty()) {
      proposeChanges(plan, listener);
    }
    return resume.isPresent()
        ? TrainingRun.resume(plan, resume.get(), listener)
        : TrainingRun.start(plan, listener);
  }

  /**
   * Tries the run for some seconds, and leaves nothing behind: whether the device is there and the
   * folder free, how long it takes and how much memory.
   *
   * @param listener is told of the data
   * @return settings and both networks as {@link #describe}, and the estimates, in lines
   * @throws IllegalArgumentException as {@link #prepare}
   * @throws TrainingException as {@link #prepare}
   */
  public String estimate(TrainingListener listener) {
    Resolved resolved = resolve(listener);
    try (TrainingRun run = prepare(resolved.plan(), new TrainingListener() {})) {
      double step = run.secondsPerStep();
      return described(resolved)
          + String.format(
              Locale.ROOT,
              "%ntime here  %s for %,d steps, %.3f s each, without samples and checkpoints%n%s",
              ProgressLine.clock((long) Math.ceil(step * run.steps())),
              run.steps(),
              step,
              PeakMemory.told());
    }
  }

  /**
   * Describes the run without preparing it.
   *
   * @param listener is told of the data
   * @return settings and both networks, layer by layer
   */
  public String describe(TrainingListener listener) {
    return described(resolve(listener));
  }

  private static String described(Resolved resolved) {
    return SettingsTable.describe(resolved.plan().settings(), resolved.images());
  }

  private Resolved resolve(TrainingListener listener) {
    if (preset.isEmpty() && resume.isEmpty()) {
      throw new IllegalArgumentException(
          "give a PRESET or FILE: " + String.join(", ", Presets.names()));
    }
    if (preset.isEmpty() && folder.isEmpty()) {
      throw new IllegalArgumentException("--resume needs the run's folder: --out DIR");
    }
    Optional<Preset> given = preset.map(Presets::open);
    Path run = folder.orElseGet(() -> Path.of("runs", given.orElseThrow().runName(changes)));
    Preset recipe = given.orElseGet(() -> RunFolder.preset(run));
    Optional<RunFacts> before =
        resume.isPresent() ? Optional.of(RunFolder.open(run).facts()) : recipe.run();

    Map<String, String> options = new LinkedHashMap<>();
    before.ifPresent(facts -> options.putAll(facts.dataOptions()));
    options.putAll(data.options());
    String name = data.name().or(() -> before.map(RunFacts::data)).orElse(DataSets.DEFAULT);
    Map<String, String> sought = new LinkedHashMap<>(options);
    before
        .filter(facts -> facts.data().equals(DataSets.portable(name)))
        .ifPresent(
            facts ->
                sought.putAll(
                    recipe.settings(Map.of(), facts.labels().size()).image().toOptions(options)));
    Optional<RunFacts.Metrics> measured = before.flatMap(RunFacts::metrics);
    checkMeasuring(measured);
    Map<String, String> all = started(changes);
    // What a run has learnt from can be read again, with labels or without.
    boolean unlabelled = "0".equals(changes.get("classes")) || before.isPresent();
    ImageSet images =
        DataSets.open(
            name,
            DataOptions.of(sought)
                .withLabels(unlabelled ? DataOptions.Labels.IF_USABLE : DataOptions.Labels.AS_FOUND)
                .withLog(listener.lines()));
    tellCopies(images, listener);
    if (resume.isEmpty() && before.isPresent()) {
      checkSame(images, name, before.get(), listener);
    }
    Settings settings = settings(recipe, all, images);
    if (given.isPresent()) {
      // A run that goes on has the rhythm that it began with.
      Map<String, String> rhythms =
          Rhythm.of(recipe, all, settings, Math.max(1, images.count() / settings.batch()));
      if (!rhythms.isEmpty()) {
        listener.line(Rhythm.told(rhythms));
        all.putAll(rhythms);
        settings = settings(recipe, all, images);
      }
    }
    int threads =
        machine
            .threads()
            .orElseGet(
                () ->
                    before
                        .map(RunFacts::threads)
                        .orElseGet(() -> Runtime.getRuntime().availableProcessors()));
    return new Resolved(
        new TrainingRun.Plan(
            run,
            settings,
            new TrainingRun.Source(images, DataSets.portable(name), options, threads),
            machine.device().or(() -> before.flatMap(RunFacts::device)).orElse("auto"),
            metrics(measured, name, images)),
        images);
  }

  private Settings settings(Preset recipe, Map<String, String> all, ImageSet images) {
    if (blocks.isEmpty()) {
      return PictureSettings.of(recipe, all, images);
    }
    OwnNetworks own =
        new OwnNetworks(blocks.get().generator(), blocks.get().discriminator(), images);
    return own.in(changed -> PictureSettings.of(recipe, changed, images), all);
  }

  /** What a run starts from by its place, which run.yaml keeps, instead of by a name. */
  private static Map<String, String> started(Map<String, String> changes) {
    Map<String, String> all = new LinkedHashMap<>(changes);
    all.computeIfPresent(
        "from",
        (key, origin) -> Origin.open(origin).folder().toAbsolutePath().normalize().toString());
    return all;
  }

  private static void proposeChanges(TrainingRun.Plan plan, TrainingListener listener) {
    ImageSet images = plan.source().images();
    if (images.count() < FEW && plan.settings().rules().seen().unchanged()) {
      listener.line(
          "%s: %,d pictures are few, and a discriminator may learn them by heart; to show it each in"
                  .formatted(images.name(), images.count())
              + " many ways: --set augment=adaptive"
              + (plan.settings().rules().seen().mirror()
                  ? ""
                  : ", and --mirror if left and right may be exchanged"));
    }
  }

  private static void tellCopies(ImageSet images, TrainingListener listener) {
    int copies = images.copies();
    if (copies > 0) {
      listener.line(
          "%s: %,d of %,d images are exactly equal to another before them"
              .formatted(images.name(), copies, images.count()));
    }
  }

  /** Running a {@code run.yaml} again on other pictures must be meant. */
  private void checkSame(ImageSet images, String name, RunFacts before, TrainingListener listener) {
    if (images.checksum().equals(before.dataChecksum())) {
      return;
    }
    String differs =
        "%s is not what %s was trained on, %s: its checksum was %s, now it is %s"
            .formatted(
                name,
                preset.orElseThrow(),
                before.comparedTo(images.count(), images.classes()),
                before.dataChecksum(),
                images.checksum());
    if (data.name().isEmpty()) {
      throw new TrainingException(differs + "; to train on it all the same, give it as --data");
    }
    listener.line(differs + "; this run will be another");
  }

  private boolean measures(Optional<RunFacts.Metrics> before) {
    return measuring.wanted() || measuring.targetFcd().isPresent() || before.isPresent();
  }

  private void checkMeasuring(Optional<RunFacts.Metrics> before) {
    if (!measures(before) && measuring.classifier().isPresent()) {
      throw new IllegalArgumentException("--classifier is for --metrics or --target");
    }
  }

  private Optional<RunFacts.Metrics> metrics(
      Optional<RunFacts.Metrics> before, String name, ImageSet images) {
    if (!measures(before)) {
      return Optional.empty();
    }
    String classifier =
        measuring
            .classifier()
            .map(Classifiers::portable)
            .or(() -> before.map(RunFacts.Metrics::classifier))
            .orElseGet(() -> Classifiers.best(name, images));
    OptionalDouble target =
        measuring.targetFcd().isPresent()
            ? measuring.targetFcd()
            : before.map(RunFacts.Metrics::targetFcd).orElse(OptionalDouble.empty());
    return Optional.of(new RunFacts.Metrics(classifier, target));
  }
}
