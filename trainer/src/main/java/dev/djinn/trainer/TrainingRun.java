package dev.djinn.trainer;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.files.FileProblem;
import dev.djinn.network.Precision;
import dev.djinn.run.Bf16;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.Origin;
import dev.djinn.run.RunFacts;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Recording;
import dev.djinn.settings.Settings;
import dev.djinn.step.TrainingData;
import dev.djinn.step.TrainingState;
import dev.djinn.torch.GradientMode;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A run: prepared once, then a loop over adversarial steps ({@code TrainingLoop}) that leaves its
 * traces in the run folder.
 *
 * <pre>{@code
 * try (TrainingRun run = TrainingRun.start(plan, PrintedProgress.to(System.err))) {
 *   run.run();
 * }
 * }</pre>
 *
 * <p>Runs once, in the calling thread. {@link #stop} and {@link #interrupt} may be called from any
 * other; an interrupt of the thread that trains ends the run after a step, too.
 */
public final class TrainingRun implements AutoCloseable {
  private static final Duration TRIAL = Duration.ofSeconds(2);

  private final RunFolder folder;
  private final NDManager manager;
  private final Prepared prepared;
  private final boolean goesOn;
  private final List<String> changes;
  private final TrainingListener listener;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean stopped;
  private boolean interrupted;

  /**
   * What a run learns from, and how it was named so that a resumed run finds it again.
   *
   * @param images the data
   * @param data its name or path, as {@code --data} takes it
   * @param options how it was found and what was made of it, by option name
   * @param threads native threads, at least 1: other numbers round otherwise
   */
  public record Source(ImageSet images, String data, Map<String, String> options, int threads) {}

  /**
   * What is to be trained, and where.
   *
   * @param folder a new run's is empty or does not exist yet
   * @param settings what to compute
   * @param source what to learn from
   * @param device {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}
   * @param metrics what to measure at every checkpoint, into {@code metrics.csv}, and when that is
   *     good enough to end; if empty, nothing, or what a run that goes on has measured before
   */
  public record Plan(
      Path folder,
      Settings settings,
      Source source,
      String device,
      Optional<RunFacts.Metrics> metrics) {
    private RunFolder runFolder(Device chosen, Optional<RunFacts.Metrics> before) {
      return new RunFolder(
          folder,
          settings,
          new RunFacts(
              source.data(),
              source.options(),
              source.images().checksum(),
              source.images().count(),
              source.images().classes(),
              source.threads(),
              Optional.of(chosen.getDeviceType()),
              TorchEngine.versions(),
              metrics.or(() -> before)));
    }
  }

  /** What has taken all that it needs of the pictures, which nobody holds from then on. */
  private record Prepared(TrainingState state, RunShows shows, Optional<RunMetrics> metrics) {}

  private TrainingRun(
      RunFolder folder,
      ImageSet images,
      TorchEngine.Choice choice,
      boolean goesOn,
      List<String> changes,
      TrainingListener listener) {
    this.folder = folder;
    this.goesOn = goesOn;
    this.changes = changes;
    this.listener = listener;
    listener.line(choice.reason());
    manager = NDManager.newBaseManager(choice.device(), "PyTorch");
    try {
      prepared = GradientMode.unrecorded(() -> prepare(folder, images, goesOn, manager, listener));
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Prepares a new run; {@link #run} makes its folder.
   *
   * @param plan what and where
   * @param listener is told what happens
   * @return a run, not yet running; the caller closes it
   * @throws TrainingException if the device is not there, the folder is not empty, or data and
   *     networks do not fit
   */
  public static TrainingRun start(Plan plan, TrainingListener listener) {
    RunFolder.checkUnused(plan.folder());
    TorchEngine.Choice choice = TorchEngine.device(plan.device());
    RunFolder folder = plan.runFolder(choice.device(), Optional.empty());
    return prepare(plan, folder, choice, false, List.of(), listener);
  }

  /**
   * Prepares to go on with a run from its last checkpoint.
   *
   * @param plan the run's own but for its length and intervals
   * @param allowed settings that may differ, by the key that {@code --set} takes, {@code
   *     data-checksum}, {@code threads}, {@code device} or {@code libtorch}; from there on the run
   *     is another
   * @param listener is told what happens
   * @return a run, not yet running; the caller closes it
   * @throws TrainingException if other settings, data, threads or another kind of device differ,
   *     naming each difference
   * @throws IllegalArgumentException if an allowed setting is none of the run
   */
  public static TrainingRun resume(Plan plan, Set<String> allowed, TrainingListener listener) {
    RunFolder old = RunFolder.open(plan.folder());
    TorchEngine.Choice choice = TorchEngine.device(plan.device());
    RunFolder folder = plan.runFolder(choice.device(), old.facts().metrics());
    return prepare(plan, folder, choice, true, Resumption.check(old, folder, allowed), listener);
  }

  private static TrainingRun prepare(
      Plan plan,
      RunFolder folder,
      TorchEngine.Choice choice,
      boolean goesOn,
      List<String> changes,
      TrainingListener listener) {
    TrainingData.check(plan.source().images(), plan.settings());
    if (plan.settings().rules().passes().precision() == Precision.BF16) {
      Bf16.check(choice.device());
    }
    TorchEngine.useThreads(plan.source().threads());
    return new TrainingRun(folder, plan.source().images(), choice, goesOn, changes, listener);
  }

  /** Nothing in the folder is read, made or changed yet. */
  private static Prepared prepare(
      RunFolder folder,
      ImageSet images,
      boolean goesOn,
      NDManager manager,
      TrainingListener listener) {
    Settings settings = folder.settings();
    TrainingState state = new TrainingState(settings, images, manager);
    if (!goesOn && settings.from().isPresent()) {
      listener.line(state.start(Origin.open(settings.from().get())));
    }
    Optional<RunMetrics> metrics =
        folder
            .facts()
            .metrics()
            .map(
                wish ->
                    new RunMetrics(
                        folder.path().resolve("metrics.csv"), settings, images, wish, manager));
    if (settings.recording().keepBest().isPresent() && metrics.isEmpty()) {
      throw new TrainingException(
          "keep-best needs figures to go by; measure them with --metrics, or leave keep-best out");
    }
    return new Prepared(state, new RunShows(folder, images, manager), metrics);
  }

  /**
   * Asks the run to save a checkpoint after the current step and end; does not wait for it. Any
   * thread may call this, the listener, too.
   */
  public void stop() {
    stopped = true;
  }

  /**
   * Asks the run to save a checkpoint after the current step and end, and waits until it has. Not
   * for the thread that trains, which would wait for itself.
   *
   * @param seconds how long to wait at most
   * @return whether it ended in time
   */
  public boolean interrupt(long seconds) {
    stop();
    try {
      return finished.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * The run's folder, as {@code djinn evaluate} and {@code djinn export} take it.
   *
   * @return a folder that {@link #run} makes
   */
  public Path folder() {
    return folder.path();
  }

  /**
   * What a step takes here: tries some, for a few seconds, and leaves nothing in the folder. The
   * run itself must then be prepared again.
   *
   * @return seconds
   */
  double secondsPerStep() {
    return GradientMode.unrecorded(
        () -> {
          prepared.state().step(0); // the first is slower than those after it
          long start = System.nanoTime();
          long done = 0;
          do {
            prepared.state().step(++done);
          } while (System.nanoTime() - start < TRIAL.toNanos());
          return (System.nanoTime() - start) / 1e9 / done;
        });
  }

  /** {@return steps that it will have trained at its end} */
  public long steps() {
    return folder.settings().length().steps(prepared.state().stepsPerEpoch());
  }

  /**
   * Trains until the settings' length is reached, or it is told to stop.
   *
   * @return finished steps
   * @throws TrainingException as {@link #run(Duration)}
   */
  public long run() {
    return run(ChronoUnit.FOREVER.getDuration());
  }

  /**
   * Trains until the settings' length is reached, the time is over or it is told to stop.
   *
   * @param most time to train; the step it ends in is finished, and saved
   * @return finished steps
   * @throws TrainingException if a loss or a parameter stops being finite, the folder cannot be
   *     written or is in use by another run, or the checkpoint is corrupted or of other networks
   * @throws IllegalArgumentException if the checkpoint is beyond the settings' length
   */
  public long run(Duration most) {
    // The pictures are on the device, and nobody holds those on the heap: one collection gives
    // their memory, which can be as large, back to the system before the long run.
    System.gc();
    // libtorch keeps their number by thread, and this may be another than the one that prepared.
    TorchEngine.useThreads(folder.facts().threads());
    try {
      return GradientMode.unrecorded(() -> train(most));
    } finally {
      close();
      finished.countDown();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private long train(Duration most) {
    try (FileChannel lock = folder.lock()) {
      assert lock.isOpen();
      return trainAlone(most);
    } catch (ClosedByInterruptException e) {
      interrupted = true;
      throw new TrainingException(
          "interrupted while " + folder.path() + " was written; its last checkpoint is whole", e);
    } catch (IOException e) {
      throw new TrainingException(
          "cannot write to " + folder.path() + ": " + FileProblem.reason(e), e);
    }
  }

  /**
   * Whether it is told to stop. An interrupt is taken here and given back at the end: files could
   * not be written under it.
   */
  private boolean stopping() {
    if (Thread.interrupted()) {
      interrupted = true;
      stopped = true;
    }
    return stopped;
  }

  /** Under the folder's lock. All that can fail comes before anything in the folder is changed. */
  private long trainAlone(Duration most) throws IOException {
    Optional<Checkpoint> from = Optional.empty();
    if (goesOn) {
      from = folder.lastCheckpoint();
    } else {
      RunFolder.checkUnused(folder.path());
    }
    long start = from.map(Checkpoint::step).orElse(0L);
    long last = steps();
    if (last < start) {
      throw new IllegalArgumentException(
          "%s has trained %d steps already, more than the %d it is to train; give more --steps"
                  .formatted(folder.path(), start, last)
              + " or --epochs, or leave them out");
    }
    from.ifPresent(prepared.state()::load);

    Recording now = folder.settings().recording();
    Kept kept =
        new Kept(
            start,
            prepared.state().stepsPerEpoch(),
            goesOn ? RunFolder.open(folder.path()).settings().recording() : now,
            now);
    folder.writeDescription();
    Optional<Long> before = from.map(loaded -> loaded.counters().get(Checkpoint.MILLISECONDS));
    try (RunRecorder recorder =
        RunRecorder.open(
            folder, prepared.shows(), prepared.metrics(), kept, last, before, listener)) {
      recorder.saySettingsChanged(changes);
      return new TrainingLoop(folder, prepared.state(), recorder, start, last)
          .run(most, this::stopping);
    }
  }

  /** Frees what was prepared, as the end of {@link #run} does; more than once is fine. */
  @Override
  public void close() {
    manager.close();
  }
}
