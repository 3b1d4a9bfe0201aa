package dev.djinn.trainer;

import dev.djinn.network.NetworkBlock;
import dev.djinn.report.RunReport;
import dev.djinn.run.RunFolder;
import dev.djinn.run.RunRequest;
import dev.djinn.run.RunStatus;
import dev.djinn.settings.Settings;
import dev.djinn.step.AdversarialStep;
import dev.djinn.step.TrainingState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Writes down what a run does: the log, what it shows, its figures, warnings and the progress line.
 * Opened under the folder's lock; from the step that a run goes on from, all files are as an
 * uninterrupted run has them there.
 */
final class RunRecorder implements AutoCloseable {
  /** How often requests are looked for: a button answers at once, and a step waits for nothing. */
  private static final long LOOK_NANOS = 100_000_000L;

  /** How often a run says how far it is to whoever watches. */
  private static final long TELL_NANOS = 1_000_000_000L;

  private final RunFolder folder;
  private final Settings settings;
  private final RunShows shows;
  private final Optional<RunMetrics> metrics;
  private final RunLog log;
  private final TrainingProgress progress;
  private final RunWarnings warnings;
  private final Optional<RunEvents> events;
  private final Kept kept;
  private final long start;
  private final long last;
  private long looked;
  private long told;
  private Optional<String> goodEnough = Optional.empty();
  private Optional<RunReport.Pairs> copies = Optional.empty();

  private RunRecorder(
      RunFolder folder,
      RunShows shows,
      Optional<RunMetrics> metrics,
      RunLog log,
      TrainingProgress progress,
      Kept kept,
      long last)
      throws IOException {
    this.folder = folder;
    this.settings = folder.settings();
    this.shows = shows;
    this.metrics = metrics;
    this.log = log;
    this.progress = progress;
    this.kept = kept;
    this.start = kept.step();
    this.last = last;
    this.warnings =
        RunWarnings.open(folder.path().resolve("warnings.txt"), start, settings, progress);
    this.events =
        settings.recording().log().tensorBoard()
            ? Optional.of(RunEvents.open(folder.path(), start))
            : Optional.empty();
  }

  /**
   * Opens all files and forgets what lies beyond the step from which a run goes on.
   *
   * @param folder the run's
   * @param shows draws
   * @param metrics measures, if the run is measured
   * @param kept from which step it goes on, and what stays of what was written
   * @param last steps at the end
   * @param before milliseconds of training that the finished steps took, where they are known
   * @param listener is told what happens
   */
  static RunRecorder open(
      RunFolder folder,
      RunShows shows,
      Optional<RunMetrics> metrics,
      Kept kept,
      long last,
      Optional<Long> before,
      TrainingListener listener)
      throws IOException {
    long start = kept.step();
    if (metrics.isPresent()) {
      metrics.get().rewind(start);
    }
    Settings settings = folder.settings();
    TrainingProgress progress = new TrainingProgress(listener, start, last, settings.batch());
    RunLog log =
        RunLog.open(folder.path().resolve("log.csv"), kept::row, columns(settings), before);
    try {
      return new RunRecorder(folder, shows, metrics, log, progress, kept, last);
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  void saySettingsChanged(List<String> changes) throws IOException {
    if (!changes.isEmpty()) {
      warnings.warn(
          RunWarnings.Kind.SETTINGS_CHANGED,
          start,
          "went on from step " + start + " under other settings: " + String.join("; ", changes));
    }
  }

  /**
   * Draws the untrained generator. Or measures the checkpoint that a run goes on from if a kill
   * came between saving and measuring it; one that only an interruption has made is not measured: a
   * run that never stopped has it not.
   */
  void begin(TrainingState state, long step) throws IOException {
    shows.rewind(kept);
    // What a killed run was asked for is not asked of this one.
    RunRequest.take(folder.path());
    progress.status(step).write(folder.path());
    if (step == 0) {
      samples(state.generator(), 0);
      manifold(state.generator(), 0);
    } else if (metrics.isPresent()) {
      OptionalDouble known = metrics.get().fcd(step);
      if (known.isPresent()) {
        judge(known.getAsDouble(), step);
      } else if (settings.recording().checkpointEvery().due(step, state.stepsPerEpoch())) {
        measure(state.generator(), step);
      }
    }
  }

  /** Shows a step, and the end of an epoch where the run is counted in them. */
  void step(long done, long epoch, long batches, AdversarialStep.Result result) {
    progress.step(done, batches, result);
    if (settings.length().epochs() && done % epoch == 0) {
      progress.epoch(done / epoch, last / epoch, result);
    }
  }

  /** A row of the log. */
  void log(TrainingState state, long done, long batchesBefore, AdversarialStep.Result result)
      throws IOException {
    row(state, done, batchesBefore, result);
    warnings.judgeAccuracy(log.points());
  }

  /**
   * A row and a sheet out of their turn, where there are none of this step. Nothing is judged by
   * them, and a run that goes on from here forgets them: it is then as one that never ended.
   */
  void show(TrainingState state, long done, long batchesBefore, AdversarialStep.Result result)
      throws IOException {
    if (log.last() < done) {
      row(state, done, batchesBefore, result);
    }
    draw(state.generator(), done);
  }

  /** A sheet by which nothing is judged. */
  void draw(NetworkBlock generator, long done) throws IOException {
    shows.draw(generator, done);
    tellSheet(done);
  }

  private void tellSheet(long done) throws IOException {
    if (events.isPresent()) {
      events.get().sheet(done, shows.sheet(done));
    }
  }

  /** What was asked of the run since the last time. */
  Set<RunRequest> asked(long done) throws IOException {
    long now = System.nanoTime();
    if (now - told >= TELL_NANOS) {
      told = now;
      progress.status(done).write(folder.path());
    }
    if (now - looked < LOOK_NANOS) {
      return Set.of();
    }
    looked = now;
    return RunRequest.take(folder.path());
  }

  void say(String line) {
    progress.say(line);
  }

  private void row(
      TrainingState state, long done, long batchesBefore, AdversarialStep.Result result)
      throws IOException {
    double rate = progress.imagesPerSecond(state.batches() - batchesBefore);
    List<String> more = more(state, done);
    log.row(
        done,
        (state.batches() - 1) / state.stepsPerEpoch() + 1,
        progress.seconds(),
        rate,
        result,
        more);
    if (events.isPresent()) {
      events.get().row(done, result, rate, columns(settings), more);
    }
  }

  /** The log's columns that only some recipes have. */
  private static List<String> columns(Settings settings) {
    List<String> columns = new ArrayList<>();
    if (settings.recording().log().inferenceLosses()) {
      columns.addAll(List.of("d_loss_inference", "g_loss_inference"));
    }
    if (settings.rules().seen().changes().isPresent()) {
      columns.add("augment");
    }
    return columns;
  }

  /** Their numbers, the shortest that give the bits back. */
  private List<String> more(TrainingState state, long done) {
    List<String> cells = new ArrayList<>();
    if (settings.recording().log().inferenceLosses()) {
      AdversarialStep.Result losses = state.inferenceLosses(done);
      cells.add(Float.toString(losses.discriminatorLoss()));
      cells.add(Float.toString(losses.generatorLoss()));
    }
    if (settings.rules().seen().changes().isPresent()) {
      cells.add(Double.toString(state.augmentation()));
    }
    return cells;
  }

  void samples(NetworkBlock generator, long done) throws IOException {
    shows.samples(generator, done, log.points(), warnings);
    tellSheet(done);
  }

  void manifold(NetworkBlock generator, long done) throws IOException {
    shows.manifold(generator, done);
  }

  /** Measures a checkpoint, if the run is measured. */
  void measure(NetworkBlock generator, long done) throws IOException {
    if (metrics.isPresent()) {
      judge(metrics.get().measure(generator, done), done);
      if (events.isPresent()) {
        events.get().figures(done, metrics.get().last());
      }
    }
  }

  private void judge(double fcd, long done) {
    String line = String.format(Locale.ROOT, "step %,d: Fréchet distance %.3f", done, fcd);
    if (metrics.orElseThrow().reached(fcd)) {
      goodEnough = Optional.of(line + ", which was the target");
    } else {
      progress.say(line);
    }
  }

  /** Whether the target of the measurements is reached. */
  boolean goodEnough() {
    return goodEnough.isPresent();
  }

  /** The step whose checkpoint stays because none has been better, if the run keeps one. */
  Optional<Long> best() {
    return settings.recording().keepBest().flatMap(by -> metrics.flatMap(rows -> rows.best(by)));
  }

  void report(long done) throws IOException {
    shows.report(
        new RunShows.Reached(done, last, secondsInAll()),
        log.points(),
        warnings.lines(),
        new RunReport.Measured(
            metrics.map(RunMetrics::table),
            metrics.map(RunMetrics::notes).orElse(List.of()),
            copies));
  }

  /** Writes what comes at the end, and says how the run ended. */
  void end(TrainingState state, long done, boolean interrupted) throws IOException {
    // Who interrupts does not wait for it, and what has not seen all of the data once copies none.
    if (!interrupted && done >= state.stepsPerEpoch()) {
      copies = Optional.of(shows.copies(state));
      report(done);
    }
    shows.animations();
    progress.say(ending(done, interrupted));
  }

  /** How it ended, how long it took, where to look and what to do next, a line each. */
  private String ending(long done, boolean interrupted) {
    String run = RunReport.quoted(folder.path().toString());
    String steps =
        String.format(
            Locale.ROOT,
            "%,d step%s in %s",
            done - start,
            done - start == 1 ? "" : "s",
            progress.time());
    String end =
        goodEnough
            .map(target -> target + "; " + steps)
            .orElseGet(
                () ->
                    done == last
                        ? "trained " + steps
                        : (interrupted ? "interrupted after step " : "time is over after step ")
                            + done
                            + ", "
                            + steps);
    boolean over = done == last || goodEnough();
    return end
        + (over && start > 0 ? String.format(Locale.ROOT, ", %,d in all", done) : "")
        + ": "
        + folder.path()
        + "%nreport: %s%n".formatted(folder.path().resolve("report.html"))
        + (over
            ? "next: djinn evaluate %s, djinn export %s -o %s"
                .formatted(run, run, RunReport.quoted(folder.name() + "-model"))
            : "go on with: djinn train --resume --out " + run);
  }

  /** Of training, since this process began. */
  double seconds() {
    return progress.seconds();
  }

  /** Of training, those before a resumption included. */
  double secondsInAll() {
    return log.seconds(progress.seconds());
  }

  @Override
  public void close() throws IOException {
    try {
      log.close();
      if (events.isPresent()) {
        events.get().close();
      }
      RunStatus.remove(folder.path());
    } finally {
      // What went wrong is then said on a line of its own.
      progress.end();
      metrics.ifPresent(RunMetrics::close);
    }
  }
}
