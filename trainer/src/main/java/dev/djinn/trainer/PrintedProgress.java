package dev.djinn.trainer;

import dev.djinn.progress.ProgressLine;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Prints what {@code djinn train} does: every line, and the progress, which is rewritten in place
 * on a terminal and a line every ten seconds elsewhere.
 */
public final class PrintedProgress implements TrainingListener {
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long LOG_NANOS = 10_000_000_000L;

  private final ProgressLine line;
  private final boolean terminal;
  private long shown = System.nanoTime();

  PrintedProgress(PrintStream out, boolean terminal) {
    line = ProgressLine.on(out, terminal);
    this.terminal = terminal;
  }

  /**
   * Prints to a stream.
   *
   * @param out where to
   * @return a listener for one run
   */
  public static TrainingListener to(PrintStream out) {
    return new PrintedProgress(out, ProgressLine.onTerminal());
  }

  /** Shows a step if it is time to, or if it is the last. */
  @Override
  public void step(Progress at) {
    long now = System.nanoTime();
    if (at.done() < at.last() && now - shown < (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
      return;
    }
    shown = now;
    line.show(
        String.format(
            Locale.ROOT,
            "step %,d/%,d  d_loss %.3f  g_loss %.3f  d_accuracy %3.0f%%  %,.0f images/s  %s left",
            at.done(),
            at.last(),
            at.discriminatorLoss(),
            at.generatorLoss(),
            100 * at.accuracy(),
            at.imagesPerSecond(),
            ProgressLine.clock((long) at.secondsLeft())));
  }

  @Override
  public void line(String said) {
    line.accept(said);
  }

  @Override
  public Consumer<String> lines() {
    return line;
  }

  /** Leaves the terminal's line: what went wrong is then said on a line of its own. */
  @Override
  public void ended() {
    line.end();
  }
}
