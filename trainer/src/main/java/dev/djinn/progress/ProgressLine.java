package dev.djinn.progress;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The line that says how far long work is: rewritten in place on a terminal, a line every few
 * seconds elsewhere. Lines that are to stay go through it too, so that neither cuts the other.
 *
 * <pre>{@code
 * ProgressLine line = ProgressLine.on(System.err);
 * ProgressLine.Task reading = line.task("reading", files.size(), "pictures");
 * for (int i = 0; i < files.size(); i++) {
 *   read(files.get(i));
 *   reading.done(i + 1);
 * }
 * }</pre>
 *
 * <p>For one thread.
 */
public final class ProgressLine implements Consumer<String> {
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long LOG_NANOS = 5_000_000_000L;

  /** What is over sooner needs no line. */
  private static final long FIRST_NANOS = 2_000_000_000L;

  private final Consumer<String> out;
  private final Consumer<String> terminal;
  private boolean open;

  private ProgressLine(Consumer<String> out, Consumer<String> terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * A line on standard error, or what stands for it.
   *
   * @param out where it goes
   * @return rewritten in place if the launcher says that it is a terminal
   */
  public static ProgressLine on(PrintStream out) {
    return on(out, onTerminal());
  }

  /**
   * The same for a writer.
   *
   * @param out where it goes
   * @return rewritten in place if the launcher says that it is a terminal
   */
  public static ProgressLine on(PrintWriter out) {
    Consumer<String> terminal =
        text -> {
          out.print(text);
          out.flush();
        };
    return new ProgressLine(out::println, onTerminal() ? terminal : null);
  }

  /** Whether standard error is a terminal: Java cannot tell, so the launcher says. */
  public static boolean onTerminal() {
    return "1".equals(System.getenv("DJINN_TERMINAL"));
  }

  /**
   * The same where it is known.
   *
   * @param out where it goes
   * @param terminal whether lines can be rewritten there
   * @return the line
   */
  public static ProgressLine on(PrintStream out, boolean terminal) {
    Consumer<String> raw =
        text -> {
          out.print(text);
          out.flush();
        };
    return new ProgressLine(out::println, terminal ? raw : null);
  }

  /**
   * A line over what takes lines: itself if it is one already.
   *
   * @param lines takes lines
   * @return the line
   */
  public static ProgressLine over(Consumer<String> lines) {
    return lines instanceof ProgressLine line ? line : new ProgressLine(lines, null);
  }

  /** Prints a line that stays. */
  @Override
  public void accept(String line) {
    end();
    out.accept(line);
  }

  /**
   * Shows how far it is: in place on a terminal, as a line of its own elsewhere.
   *
   * @param line the words
   */
  public void show(String line) {
    if (terminal == null) {
      out.accept(line);
      return;
    }
    terminal.accept("\r" + line + "\u001b[K");
    open = true;
  }

  /** Leaves the terminal's line as it is. */
  public void end() {
    if (open) {
      terminal.accept(System.lineSeparator());
      open = false;
    }
  }

  /** Takes the terminal's line away: what it said is over. */
  private void clear() {
    if (open) {
      terminal.accept("\r\u001b[K");
      open = false;
    }
  }

  /**
   * Begins work of a known length.
   *
   * @param what in a word or two
   * @param total how much it is
   * @param unit of what
   * @return to be told how much is done
   */
  public Task task(String what, long total, String unit) {
    return new Task(what, total, unit);
  }

  /** Work of a known length. */
  public final class Task {
    private final String what;
    private final long total;
    private final String unit;
    private final long start = System.nanoTime();
    private long next = start + FIRST_NANOS;

    private Task(String what, long total, String unit) {
      this.what = what;
      this.total = total;
      this.unit = unit;
    }

    /**
     * Says how much is done, if it is time to; after two seconds for the first time.
     *
     * @param done at most the total
     */
    public void done(long done) {
      done(done, "");
    }

    /**
     * The same with more to say.
     *
     * @param done at most the total
     * @param more words behind it, or nothing
     */
    public void done(long done, String more) {
      if (done >= total) {
        clear();
        return;
      }
      long now = System.nanoTime();
      if (now >= next) {
        next = now + (terminal == null ? LOG_NANOS : TERMINAL_NANOS);
        show(line(done, (now - start) / 1e9) + more);
      }
    }

    String line(long done, double seconds) {
      double rate = done / seconds;
      return String.format(
          Locale.ROOT,
          "%s: %,d of %,d %s, %s/s, %s left",
          what,
          done,
          total,
          unit,
          rate < 10
              ? String.format(Locale.ROOT, "%.1f", rate)
              : String.format(Locale.ROOT, "%,.0f", rate),
          done == 0 ? "?" : clock((long) ((total - done) / rate)));
    }
  }

  /**
   * A time as a clock shows it.
   *
   * @param seconds at least 0
   * @return {@code 0:09}, {@code 12:00} or {@code 1:02:03}
   */
  public static String clock(long seconds) {
    return seconds >= 3600
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
        : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }
}
