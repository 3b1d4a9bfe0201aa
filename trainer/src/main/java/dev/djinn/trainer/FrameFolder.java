package dev.djinn.trainer;

import dev.djinn.files.StepNames;
import dev.djinn.report.AnimatedGif;
import dev.djinn.report.AnimatedGif.Frame;
import dev.djinn.report.Png;
import dev.djinn.report.RunReport;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongPredicate;

/**
 * Pictures of the same thing over the steps of a run, a PNG file each, named after its step. They
 * are read back one at a time, so a long run needs no more memory than a short one.
 *
 * @param path the folder, made with the first picture
 */
record FrameFolder(Path path) {
  private static final int MOST_FRAMES = 300;
  private static final Duration DELAY = Duration.ofMillis(100);
  private static final Duration LAST = Duration.ofSeconds(2);

  void write(BufferedImage picture, long step) throws IOException {
    Png.write(picture, file(step));
  }

  Path file(long step) {
    return path.resolve(StepNames.of(step) + ".png");
  }

  /** The steps of the pictures, ascending. */
  List<Long> steps() throws IOException {
    return StepNames.in(path, ".png");
  }

  /** Deletes what does not stay when a run goes on: it makes that again, or never would have. */
  void keep(LongPredicate stays) throws IOException {
    for (long drawn : steps()) {
      if (!stays.test(drawn)) {
        Files.delete(file(drawn));
      }
    }
  }

  /**
   * Shows the pictures one after the other, evenly thinned if there are very many. Pictures of
   * another size than the last, from before a change of the layout, are left out.
   *
   * @param gif the animation's file; not written if there are no pictures
   * @param title what stands before the step above each
   */
  void animate(Path gif, String title) throws IOException {
    List<Long> steps = RunReport.evenly(steps(), MOST_FRAMES);
    if (steps.isEmpty()) {
      return;
    }
    Dimension size = Png.size(file(steps.get(steps.size() - 1)));
    List<Frame> frames = new ArrayList<>();
    for (long step : steps) {
      if (Png.size(file(step)).equals(size)) {
        frames.add(Frame.of(title + String.format(Locale.ROOT, "step %,d", step), file(step)));
      }
    }
    AnimatedGif.write(frames, DELAY, LAST, gif);
  }
}
