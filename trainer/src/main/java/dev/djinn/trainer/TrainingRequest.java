package dev.djinn.trainer;

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
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A wish for a run, as {@code djinn train} takes it: what is not said is as the preset, or the run
 * that goes on or is run again, has it.
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
 */
public record TrainingRequest(
    Optional<String> preset,
    Optional<Path> folder,
    Map<String, String> changes,
    Data data,
    Machine machine,
    Measuring measuring,
    Optional<Set<String>> resume) {

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

  /** All that was said or found. */
  private record Resolved(TrainingRun.Plan plan, ImageSet images) {}

  /**
   * Prepares the run.
   *
   * @param out notes on the data, and the run's progress lines
   * @return a run, not yet running; the caller closes it
   * @throws IllegalArgumentException if the request contradicts itself or names nothing
   * @throws TrainingException if the run cannot be as requested
   */
  public TrainingRun prepare(PrintStream out) {
    TrainingRun.Plan plan = resolve(out).plan();
    if (resume.isEmpty()) {
      proposeChanges(plan, out);
    }
    return resume.isPresent()
        ? TrainingRun.resume(plan, resume.get(), out)
        : TrainingRun.start(plan, out);
  }

  /**
   * Describes the run without preparing it.
   *
   * @param out notes on the data
   * @return settings and both networks, layer by layer
   */
  public String describe(PrintStream out) {
    Resolved resolved = resolve(out);
    return SettingsTable.describe(resolved.plan().settings(), resolved.images());
  }

  private Resolved resolve(PrintStream out) {
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
                .withLog(ProgressLine.on(out)));
    tellCopies(images, out);
    if (resume.isEmpty() && before.isPresent()) {
      checkSame(images, name, before.get(), out);
    }
    Settings settings = PictureSettings.of(recipe, all, images);
    if (given.isPresent()) {
      // A run that goes on has the rhythm that it began with.
      Map<String, String> rhythms =
          Rhythm.of(recipe, all, settings, Math.max(1, images.count() / settings.batch()));
      Rhythm.told(rhythms).ifPresent(out::println);
      all.putAll(rhythms);
      settings = PictureSettings.of(recipe, all, images);
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

  /** What a run starts from by its place, which run.yaml keeps, instead of by a name. */
  private static Map<String, String> started(Map<String, String> changes) {
    Map<String, String> all = new LinkedHashMap<>(changes);
    all.computeIfPresent(
        "from",
        (key, origin) -> Origin.open(origin).folder().toAbsolutePath().normalize().toString());
    return all;
  }

  private static void proposeChanges(TrainingRun.Plan plan, PrintStream out) {
    ImageSet images = plan.source().images();
    if (images.count() < FEW && plan.settings().rules().seen().unchanged()) {
      out.printf(
          "%s: %,d pictures are few, and a discriminator may learn them by heart; to show it each in"
              + " many ways: --set augment=adaptive%s%n",
          images.name(),
          images.count(),
          plan.settings().rules().seen().mirror()
              ? ""
              : ", and --mirror if left and right may be exchanged");
    }
  }

  private static void tellCopies(ImageSet images, PrintStream out) {
    int copies = images.copies();
    if (copies > 0) {
      out.printf(
          "%s: %,d of %,d images are exactly equal to another before them%n",
          images.name(), copies, images.count());
    }
  }

  /** Running a {@code run.yaml} again on other pictures must be meant. */
  private void checkSame(ImageSet images, String name, RunFacts before, PrintStream out) {
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
    out.println(differs + "; this run will be another");
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
