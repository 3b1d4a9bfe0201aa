package dev.djinn.trainer;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.files.FileProblem;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Settings;
import dev.djinn.step.AdversarialStep;
import dev.djinn.step.TrainingData;
import dev.djinn.step.TrainingState;
import dev.djinn.torch.GradientMode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A run: the loop over adversarial steps and what it leaves in the run folder.
 *
 * <pre>{@code
 * TrainingRun run = TrainingRun.start(folder, settings, source, "auto", System.err);
 * run.run();
 * }</pre>
 *
 * <p>Runs once, in the calling thread. {@link #interrupt} may be called from any other.
 */
public final class TrainingRun {
  private RunFolder folder;
  private final Settings settings;
  private ImageSet images;
  private final Device device;
  private final boolean goesOn;
  private final List<String> changes;
  private final PrintStream out;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean interrupted;

  private TrainingRun(
      RunFolder folder,
      ImageSet images,
      Device device,
      boolean goesOn,
      List<String> changes,
      PrintStream out) {
    this.folder = folder;
    this.settings = folder.settings();
    this.images = images;
    this.device = device;
    this.goesOn = goesOn;
    this.changes = changes;
    this.out = out;
  }

  /**
   * What a run learns from, and how it was named so that a resumed run finds it again.
   *
   * @param images the data
   * @param data its name or path, as {@code --data} takes it
   * @param options how it was found and what was made of it, by option name
   * @param threads native threads, at least 1: other numbers round otherwise
   */
  public record Source(ImageSet images, String data, Map<String, String> options, int threads) {
    private RunFolder.Facts facts(Device device) {
      return new RunFolder.Facts(
          data,
          options,
          images.checksum(),
          images.count(),
          images.classes(),
          threads,
          Optional.of(device.getDeviceType()),
          TorchEngine.versions(),
          Optional.empty());
    }
  }

  /**
   * Prepares a new run; {@link #run} makes its folder.
   *
   * @param path a folder that is empty or does not exist yet
   * @param settings what to compute
   * @param source what to learn from
   * @param device {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}
   * @param out progress lines
   * @return a run, not yet running
   * @throws TrainingException if the device is not there or the folder is not empty
   */
  public static TrainingRun start(
      Path path, Settings settings, Source source, String device, PrintStream out) {
    RunFolder.checkUnused(path);
    TorchEngine.Choice choice = TorchEngine.device(device);
    TrainingData.check(source.images(), settings);
    TorchEngine.useThreads(source.threads());
    RunFolder folder = new RunFolder(path, settings, source.facts(choice.device()));
    out.println(choice.reason());
    return new TrainingRun(folder, source.images(), choice.device(), false, List.of(), out);
  }

  /**
   * Goes on with a run from its last checkpoint, measured as it was unless {@link #measure} says
   * otherwise.
   *
   * @param path the run's folder
   * @param settings what to compute, the run's own but for its length and intervals
   * @param source what to learn from
   * @param allowed settings that may differ, by the key that {@code --set} takes, {@code
   *     data-checksum}, {@code threads}, {@code device} or {@code libtorch}; from there on the run
   *     is another
   * @param device {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}
   * @param out progress lines
   * @return a run, not yet running
   * @throws TrainingException if other settings, data, threads or another kind of device differ,
   *     naming each difference
   * @throws IllegalArgumentException if an allowed setting is none of the run
   */
  public static TrainingRun resume(
      Path path,
      Settings settings,
      Source source,
      Set<String> allowed,
      String device,
      PrintStream out) {
    RunFolder old = RunFolder.open(path);
    TorchEngine.Choice choice = TorchEngine.device(device);
    RunFolder folder =
        new RunFolder(path, settings, source.facts(choice.device()))
            .withMetrics(old.facts().metrics());
    List<String> changes = Resumption.check(old, folder, allowed);
    TrainingData.check(source.images(), settings);
    TorchEngine.useThreads(source.threads());
    out.println(choice.reason());
    return new TrainingRun(folder, source.images(), choice.device(), true, changes, out);
  }

  /**
   * Also measures quality at every checkpoint, into {@code metrics.csv}; before {@link #run}.
   *
   * @param classifier a name or file that {@link dev.djinn.evaluation.Classifiers#open} takes
   * @param targetFcd end the run normally once the Fréchet distance is at most this
   * @return this run
   */
  public TrainingRun measure(String classifier, OptionalDouble targetFcd) {
    folder = folder.withMetrics(Optional.of(new RunFolder.Metrics(classifier, targetFcd)));
    return this;
  }

  /**
   * Asks the run to save a checkpoint after the current step and end, and waits until it has.
   *
   * @param seconds how long to wait at most
   * @return whether it ended in time
   */
  public boolean interrupt(long seconds) {
    interrupted = true;
    try {
      return finished.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Trains until the settings' length is reached or {@link #interrupt} is called.
   *
   * @return finished steps
   * @throws TrainingException as {@link #run(Duration)}
   */
  public long run() {
    return run(ChronoUnit.FOREVER.getDuration());
  }

  /**
   * Trains until the settings' length is reached, the time is over or {@link #interrupt} is called.
   *
   * @param most time to train; the step it ends in is finished, and saved
   * @return finished steps
   * @throws TrainingException if a loss or a parameter stops being finite, the folder cannot be
   *     written or is in use by another run, or the checkpoint is corrupted or of other networks
   * @throws IllegalArgumentException if the checkpoint is beyond the settings' length
   */
  public long run(Duration most) {
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      return GradientMode.unrecorded(() -> run(most, manager));
    } finally {
      finished.countDown();
    }
  }

  private long run(Duration most, NDManager manager) {
    // All that can fail comes before anything in the folder is made or changed, so that the same
    // command works once it is put right.
    TrainingState state = new TrainingState(settings, images, manager);
    Optional<RunMetrics> measures =
        folder
            .facts()
            .metrics()
            .map(
                wish ->
                    new RunMetrics(
                        folder.path().resolve("metrics.csv"), settings, images, wish, manager));
    if (settings.keepBest().isPresent() && measures.isEmpty()) {
      throw new TrainingException(
          "keep-best needs figures to go by; measure them with --metrics, or leave keep-best out");
    }
    try {
      FileChannel lock = folder.lock();
      try {
        return run(state, measures, most, manager);
      } finally {
        lock.close();
      }
    } catch (IOException e) {
      throw new TrainingException(
          "cannot write to " + folder.path() + ": " + FileProblem.reason(e), e);
    }
  }

  /** Under the folder's lock. */
  private long run(
      TrainingState state, Optional<RunMetrics> measures, Duration most, NDManager manager)
      throws IOException {
    Optional<Checkpoint> from = Optional.empty();
    if (goesOn) {
      from = folder.lastCheckpoint();
    } else {
      RunFolder.checkUnused(folder.path());
    }
    long start = from.map(Checkpoint::step).orElse(0L);
    long last = settings.length().steps(state.stepsPerEpoch());
    if (last < start) {
      throw new IllegalArgumentException(
          "%s has trained %d steps already, more than the %d it is to train; give more --steps"
                  .formatted(folder.path(), start, last)
              + " or --epochs, or leave them out");
    }
    if (from.isPresent()) {
      state.load(from.get());
    }
    folder.writeDescription();
    if (measures.isPresent()) {
      measures.get().rewind(start);
    }
    Optional<Long> before = from.map(loaded -> loaded.counters().get(Checkpoint.MILLISECONDS));
    Progress progress = new Progress(out, Progress.onTerminal(), start, last, settings.batch());
    try (RunLog log =
        RunLog.open(folder.path().resolve("log.csv"), start, settings.inferenceLosses(), before)) {
      return loop(state, log, measures, progress, start, last, most, manager);
    } finally {
      // What went wrong is then said on a line of its own.
      progress.end();
    }
  }

  private long loop(
      TrainingState state,
      RunLog log,
      Optional<RunMetrics> measures,
      Progress progress,
      long start,
      long last,
      Duration most,
      NDManager manager)
      throws IOException {
    RunWarnings warnings =
        RunWarnings.open(folder.path().resolve("warnings.txt"), start, settings, progress);
    RunShows shows = new RunShows(folder, images, log, warnings, measures, manager);
    // All have taken what they need of the data, and its pictures are on the device: one collection
    // gives the heap's copy, which can be as large, back to the system before the long run.
    images = null;
    System.gc();
    shows.rewind(start);
    if (!changes.isEmpty()) {
      warnings.warn(
          RunWarnings.Kind.SETTINGS_CHANGED,
          start,
          "went on from step " + start + " under other settings: " + String.join("; ", changes));
    }
    if (start == 0) {
      shows.samples(state.generator(), 0);
      shows.manifold(state.generator(), 0);
    }
    long epoch = state.stepsPerEpoch();
    // An adaptive step takes several batches, so these say how much of the data has been seen.
    long batchesBefore = state.batches();
    long done = start;
    long saved = start;
    Optional<String> reached = measureStart(measures, state, start, progress);
    while (done < last
        && !interrupted
        && reached.isEmpty()
        && progress.seconds() < most.toSeconds()) {
      AdversarialStep.Result result = state.step(done);
      done++;
      checkFinite(result, done);
      progress.step(done, state.batches() - batchesBefore, result);
      if (settings.length().epochs() && done % epoch == 0) {
        progress.epoch(done / epoch, last / epoch, result);
      }

      boolean end = done == last;
      boolean logs = end || settings.logEvery().due(done, epoch);
      boolean draws = end || settings.samples().every().due(done, epoch);
      boolean drawsManifold = settings.samples().manifoldDue(done, epoch, end);
      boolean saves = end || settings.checkpointEvery().due(done, epoch);
      if (draws || drawsManifold || saves) {
        checkFinite(state, done);
      }
      if (logs) {
        log.row(
            done,
            (state.batches() - 1) / epoch + 1,
            progress.seconds(),
            progress.imagesPerSecond(state.batches() - batchesBefore),
            result,
            settings.inferenceLosses()
                ? Optional.of(state.inferenceLosses(done))
                : Optional.empty());
        warnings.judgeAccuracy(log.points());
      }
      if (draws) {
        shows.samples(state.generator(), done);
      }
      if (drawsManifold) {
        shows.manifold(state.generator(), done);
      }
      if (saves) {
        state.save(folder, done, log.seconds(progress.seconds()));
        saved = done;
        reached = measure(measures, state, done, progress);
        folder.prune(best(measures));
        shows.report(done, last, progress.seconds());
      }
    }
    if (saved < done) {
      checkFinite(state, done);
      state.save(folder, done, log.seconds(progress.seconds()));
      shows.report(done, last, progress.seconds());
    }
    shows.animations();
    measures.ifPresent(RunMetrics::close);
    progress.say(reached.orElse(ending(done, last, progress.seconds())));
    return done;
  }

  /**
   * Measures the checkpoint that a run goes on from if a kill came between saving and measuring it.
   * One that only an interruption has made is not measured: a run that never stopped has it not.
   */
  private Optional<String> measureStart(
      Optional<RunMetrics> measures, TrainingState state, long start, Progress progress)
      throws IOException {
    if (measures.isEmpty() || start == 0) {
      return Optional.empty();
    }
    OptionalDouble known = measures.get().fcd(start);
    if (known.isPresent()) {
      return judge(measures.get(), known.getAsDouble(), start, progress);
    }
    return settings.checkpointEvery().due(start, state.stepsPerEpoch())
        ? measure(measures, state, start, progress)
        : Optional.empty();
  }

  private Optional<String> measure(
      Optional<RunMetrics> measures, TrainingState state, long done, Progress progress)
      throws IOException {
    if (measures.isEmpty()) {
      return Optional.empty();
    }
    double fcd = measures.get().measure(state.generator(), done);
    return judge(measures.get(), fcd, done, progress);
  }

  /** The step whose checkpoint stays because none has been better, if the run keeps one. */
  private Optional<Long> best(Optional<RunMetrics> measures) {
    return settings.keepBest().flatMap(by -> measures.flatMap(rows -> rows.best(by)));
  }

  /** Says how good the generator is, and gives the run's last line if that is good enough. */
  private Optional<String> judge(RunMetrics measures, double fcd, long done, Progress progress) {
    String line = String.format(Locale.ROOT, "step %,d: Fréchet distance %.3f", done, fcd);
    if (!measures.reached(fcd)) {
      progress.say(line);
      return Optional.empty();
    }
    return Optional.of(line + ", which was the target: " + folder.path());
  }

  private String ending(long done, long last, double seconds) {
    String time = Progress.duration((long) seconds);
    return done < last
        ? (interrupted ? "interrupted after step " : "time is over after step ")
            + done
            + ", in "
            + time
            + "; go on with: djinn train --resume --out "
            + folder.path()
        : "trained " + done + " steps in " + time + ": " + folder.path();
  }

  private void checkFinite(AdversarialStep.Result result, long done) {
    if (!result.finite()) {
      throw noLongerFinite(
          done,
          "the loss is no longer finite (discriminator "
              + result.discriminatorLoss()
              + ", generator "
              + result.generatorLoss()
              + ")");
    }
  }

  /** Before anything is drawn or saved: a broken checkpoint is never written. */
  private void checkFinite(TrainingState state, long done) {
    Optional<String> broken = state.firstNotFinite();
    if (broken.isPresent()) {
      throw noLongerFinite(done, broken.get());
    }
  }

  private TrainingException noLongerFinite(long done, String what) {
    List<Long> good = folder.checkpoints();
    return new TrainingException(
        "step "
            + done
            + ": "
            + what
            + "; last checkpoint: "
            + (good.isEmpty() ? "none" : "step " + good.get(good.size() - 1))
            + "; try a lower rate, such as --set generator.rate="
            + settings.generatorOptimizer().rate() / 4
            + " --set discriminator.rate="
            + settings.discriminatorOptimizer().rate() / 4);
  }
}
