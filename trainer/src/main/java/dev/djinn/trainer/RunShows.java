package dev.djinn.trainer;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.network.NetworkBlock;
import dev.djinn.report.CurvePoint;
import dev.djinn.report.LossPlot;
import dev.djinn.report.Png;
import dev.djinn.report.RunReport;
import dev.djinn.run.RunFolder;
import dev.djinn.step.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a run shows of itself: sample sheets, manifolds, curves, animations and {@code report.html}.
 * All of it is made from what lies in the run folder, so a resumed run shows what an uninterrupted
 * one does.
 */
final class RunShows {
  /**
   * How far a run is.
   *
   * @param step finished steps
   * @param last steps at the end
   * @param seconds of training
   */
  record Reached(long step, long last, double seconds) {}

  private final RunFolder folder;
  private final NDManager manager;
  private final SampleSheet samples;
  private final Diversity diversity;
  private final Optional<Manifold> manifold;
  private final Optional<ClassBalance> balance;

  /** Takes what it needs of the data; nothing in the folder is read or made yet. */
  RunShows(RunFolder folder, ImageSet images, NDManager manager) {
    this.balance = ClassBalance.of(folder, images, manager);
    List<String> classes = images.classes();
    this.folder = folder;
    this.manager = manager;
    this.diversity = new Diversity(folder.settings(), images, manager);
    this.samples = new SampleSheet(folder.settings(), classes, folder.path(), manager);
    this.manifold =
        folder
            .settings()
            .recording()
            .samples()
            .manifoldEvery()
            .map(every -> new Manifold(folder.settings(), classes, folder.path(), manager));
  }

  /**
   * Forgets what lies beyond the step from which a run goes on, what was drawn there only because
   * the run ended, and what a kill left half-made.
   */
  void rewind(Kept kept) throws IOException {
    folder.sweep();
    samples.frames().keep(kept::sheet);
    if (manifold.isPresent()) {
      manifold.get().keep(kept::manifold);
    }
  }

  /** Draws the sample sheet of a step, and nothing is judged by it. */
  void draw(NetworkBlock generator, long step) throws IOException {
    samples.write(generator, step);
  }

  /** Where the sample sheet of a step stands. */
  Path sheet(long step) {
    return samples.frames().file(step);
  }

  /** Draws the sample sheet of a step, and the curves so far; warns if samples are alike. */
  void samples(NetworkBlock generator, long step, List<CurvePoint> points, RunWarnings warnings)
      throws IOException {
    draw(generator, step);
    warnings.judgeDiversity(step, diversity.share(generator));
    if (balance.isPresent() && step >= RunWarnings.GROWN) {
      warnings.judgeBalance(step, balance.get().missing(generator));
    }
    curves(points);
  }

  private void curves(List<CurvePoint> points) throws IOException {
    if (!points.isEmpty()) {
      Png.write(LossPlot.of(points), folder.path().resolve("losses.png"));
    }
  }

  /** Draws the manifolds of a step, if the settings ask for them. */
  void manifold(NetworkBlock generator, long step) throws IOException {
    if (manifold.isPresent()) {
      manifold.get().write(generator, step);
    }
  }

  /** Writes the report of the run so far, and the same curves as a picture. */
  void report(
      Reached reached, List<CurvePoint> points, List<String> warnings, RunReport.Measured measured)
      throws IOException {
    List<RunReport.Sample> sheets =
        samples.frames().steps().stream()
            .map(drawn -> new RunReport.Sample(drawn, samples.frames().file(drawn)))
            .toList();
    RunPage.of(
            folder,
            reached.step(),
            reached.last(),
            reached.seconds(),
            warnings,
            sheets,
            manifold.map(Manifold::current).orElse(List.of()),
            points,
            measured)
        .write(folder.path().resolve("report.html"));
    curves(points);
  }

  /** Looks for copies of training pictures. */
  RunReport.Pairs copies(TrainingState state) {
    return CopySearch.of(folder, state, manager);
  }

  /** Writes the animations. */
  void animations() throws IOException {
    samples.animate();
    if (manifold.isPresent()) {
      manifold.get().animate();
    }
  }
}
