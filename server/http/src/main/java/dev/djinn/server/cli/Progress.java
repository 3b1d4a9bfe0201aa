package dev.djinn.server.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** Says how far a long command has come: a line after two seconds, then one every five. */
final class Progress {
  private static final double FIRST = 2;
  private static final double EVERY = 5;

  private final PrintWriter out;
  private final long total;
  private final long start = System.nanoTime();
  private long done;
  private double next = FIRST;

  Progress(PrintWriter out, long total) {
    this.out = out;
    this.total = total;
  }

  void add(long samples) {
    done += samples;
    double seconds = (System.nanoTime() - start) / 1e9;
    if (seconds >= next && done < total) {
      next = seconds + EVERY;
      out.println(line(done, total, seconds));
      out.flush();
    }
  }

  static String line(long done, long total, double seconds) {
    double rate = done / seconds;
    long left = Math.round((total - done) / rate);
    String time = left < 60 ? left + " s" : left / 60 + " min " + left % 60 + " s";
    return String.format(
        Locale.ROOT, "%,d of %,d samples, %,.0f/s, %s left", done, total, rate, time);
  }
}
