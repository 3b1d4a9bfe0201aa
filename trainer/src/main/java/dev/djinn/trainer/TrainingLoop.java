package dev.djinn.trainer;

import dev.djinn.run.DivergenceException;
import dev.djinn.run.RunFolder;
import dev.djinn.run.RunRequest;
import dev.djinn.settings.Recording;
import dev.djinn.settings.Settings;
import dev.djinn.step.AdversarialStep;
import dev.djinn.step.TrainingState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The loop over adversarial steps: step, check, then what is due after it. */
final class TrainingLoop {
  private final RunFolder folder;
  private final Settings settings;
  private final TrainingState state;
  private final RunRecorder recorder;
  private final long start;
  private final long last;

  /**
   * A loop that has not begun.
   *
   * @param folder the run's
   * @param state as it is after step {@code start}
   * @param recorder writes down what is due
   * @param start finished steps
   * @param last steps at the end
   */
  TrainingLoop(RunFolder folder, TrainingState state, RunRecorder recorder, long start, long last) {
    this.folder = folder;
    this.settings = folder.settings();
    this.state = state;
    this.recorder = recorder;
    this.start = start;
    this.last = last;
  }

  /**
   * Trains.
   *
   * @param most time to train; the step it ends in is finished, and saved
   * @param interrupted whether to end after the current step
   * @return finished steps
   */
  long run(Duration most, BooleanSupplier interrupted) throws IOException {
    Recording recording = settings.recording();
    long epoch = state.stepsPerEpoch();
    // An adaptive step takes several batches, so these say how much of the data has been seen.
    long batchesBefore = state.batches();
    long done = start;
    boolean shown = true;
    boolean stopped = false;
    AdversarialStep.Result result = null;
    recorder.begin(state, start);

    while (done < last
        && !stopped
        && !interrupted.getAsBoolean()
        && !recorder.goodEnough()
        && recorder.seconds() < most.toSeconds()) {
      result = state.step(done);
      done++;
      checkFinite(result, done);
      recorder.step(done, epoch, state.batches() - batchesBefore, result);

      boolean end = done == last;
      boolean logs = end || recording.log().every().due(done, epoch);
      boolean draws = end || recording.samples().every().due(done, epoch);
      boolean drawsManifold = recording.samples().manifoldDue(done, epoch, end);
      boolean saves = end || recording.checkpointEvery().due(done, epoch);
      if (draws || drawsManifold || saves) {
        checkFinite(done);
      }
      if (logs) {
        recorder.log(state, done, batchesBefore, result);
      }
      if (draws) {
        recorder.samples(state.generator(), done);
      }
      if (drawsManifold) {
        recorder.manifold(state.generator(), done);
      }
      if (saves) {
        state.save(folder, done, recorder.secondsInAll());
        recorder.measure(state.generator(), done);
        folder.prune(recorder.best());
        recorder.report(done);
      }
      Set<RunRequest> asked = recorder.asked(done);
      answer(asked, done, draws, saves);
      stopped = asked.contains(RunRequest.STOP);
      shown = logs && draws && saves;
    }

    if (!shown) {
      // It ends before its length: what there is by now is kept and shown, too.
      checkFinite(done);
      state.save(folder, done, recorder.secondsInAll());
      recorder.show(state, done, batchesBefore, result);
      recorder.report(done);
    }
    recorder.end(state, done, stopped || interrupted.getAsBoolean());
    return done;
  }

  /** What somebody who watches has asked for, where it is not done in any case. */
  private void answer(Set<RunRequest> asked, long done, boolean drawn, boolean saved)
      throws IOException {
    if (asked.contains(RunRequest.DRAW) && !drawn) {
      checkFinite(done);
      recorder.draw(state.generator(), done);
    }
    if (asked.contains(RunRequest.SAVE) && !saved) {
      checkFinite(done);
      state.save(folder, done, recorder.secondsInAll());
      folder.prune(recorder.best());
      recorder.say(String.format(Locale.ROOT, "step %,d: saved, as asked", done));
    }
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
  private void checkFinite(long done) {
    Optional<String> broken = state.firstNotFinite();
    if (broken.isPresent()) {
      throw noLongerFinite(done, broken.get());
    }
  }

  private DivergenceException noLongerFinite(long done, String what) {
    List<Long> good = folder.checkpoints();
    return new DivergenceException(
        "step "
            + done
            + ": "
            + what
            + "; last checkpoint: "
            + (good.isEmpty() ? "none" : "step " + good.get(good.size() - 1))
            + "; try a lower rate, such as --set generator.rate="
            + settings.generator().optimizer().rate().start() / 4
            + " --set discriminator.rate="
            + settings.discriminator().optimizer().rate().start() / 4);
  }
}
