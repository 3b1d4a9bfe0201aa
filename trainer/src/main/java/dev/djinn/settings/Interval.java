package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often something happens: every so many steps or epochs, and from some point on perhaps less
 * often.
 *
 * @param first when it happens first, at least 1 and at most the amount, which it usually is
 * @param amount at least 1
 * @param epochs true if all numbers are counted in epochs
 * @param later the rhythm after the first stretch, empty if there is one rhythm only
 */
public record Interval(int first, int amount, boolean epochs, Optional<Later> later) {
  /** The largest number of steps or epochs that a file may have. */
  static final int MOST = 1_000_000_000;

  private static final String NUMBER = "([1-9][0-9]{0,8})";
  private static final Pattern FORM =
      Pattern.compile(
          "(?:"
              + NUMBER
              + " then every )?"
              + NUMBER
              + "(?: until "
              + NUMBER
              + ", then "
              + NUMBER
              + ")?( epochs?)?");

  /**
   * Another rhythm from some point on.
   *
   * @param after the last step or epoch of the first rhythm
   * @param amount at least 1; counted from the start of the run
   */
  public record Later(int after, int amount) {}

  /** Checks the amounts. */
  public Interval {
    if (amount < 1) {
      throw new IllegalArgumentException("an interval must be at least 1, got " + amount);
    }
    if (first < 1 || first > amount) {
      throw new IllegalArgumentException(
          "an interval of " + amount + " must begin from 1 to " + amount + ", got " + first);
    }
    if (later.isPresent() && first != amount) {
      throw new IllegalArgumentException(
          "an interval has either a beginning of its own or a second rhythm, got both");
    }
    if (later.isPresent() && (later.get().after() < 1 || later.get().amount() < 1)) {
      throw new IllegalArgumentException("an interval must be at least 1, got " + later.get());
    }
  }

  /**
   * One rhythm for the whole run.
   *
   * @param amount at least 1
   * @param epochs true if counted in epochs
   */
  public Interval(int amount, boolean epochs) {
    this(amount, amount, epochs, Optional.empty());
  }

  /**
   * Reads {@code 100}, {@code 10 epochs}, {@code 1 then every 10 epochs}, which is 1, 11, 21 …, or
   * {@code 20 until 2000, then 200}.
   *
   * @param text as {@link #toString} writes it
   * @return the interval, empty if the text has another form
   */
  static Optional<Interval> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    int amount = Integer.parseInt(form.group(2));
    int first = form.group(1) == null ? amount : Integer.parseInt(form.group(1));
    if (first > amount || (form.group(1) != null && form.group(3) != null)) {
      return Optional.empty();
    }
    Optional<Later> later =
        form.group(3) == null
            ? Optional.empty()
            : Optional.of(
                new Later(Integer.parseInt(form.group(3)), Integer.parseInt(form.group(4))));
    return Optional.of(new Interval(first, amount, form.group(5) != null, later));
  }

  /** Reads a number of steps, or the text of {@link #parse}. */
  static Interval read(YamlCursor at) {
    if (at.text().matches("-?[0-9_]+")) {
      return new Interval((int) at.integer(1, MOST), false);
    }
    return parse(at.text())
        .orElseThrow(
            () ->
                at.failure(
                    "expected a number of steps, '10 epochs', '1 then every 10 epochs' or '20 until"
                        + " 2000, then 200', got '"
                        + at.text()
                        + "'"));
  }

  /** An even part of this as a length, in whole steps or epochs. */
  Interval part(int parts) {
    return new Interval(Math.max(1, amount / parts), epochs);
  }

  /** {@return this as a file has it: a number where that says all} */
  Object write() {
    return epochs || first != amount || later.isPresent() ? toString() : amount;
  }

  /**
   * The first rhythm's length.
   *
   * @param stepsPerEpoch steps in an epoch
   * @return in steps
   */
  public long steps(long stepsPerEpoch) {
    return epochs ? amount * stepsPerEpoch : amount;
  }

  /**
   * Whether it is time after this many steps.
   *
   * @param steps finished steps, at least 1
   * @param stepsPerEpoch steps in an epoch
   * @return true at the first and, after it, once in the amount
   */
  public boolean due(long steps, long stepsPerEpoch) {
    if (epochs && steps % stepsPerEpoch != 0) {
      return false;
    }
    long count = epochs ? steps / stepsPerEpoch : steps;
    if (first != amount) {
      return count % amount == first % amount;
    }
    return count
            % (later.isPresent() && count > later.get().after() ? later.get().amount() : amount)
        == 0;
  }

  @Override
  public String toString() {
    String text =
        (first == amount ? "" : first + " then every ")
            + later
                .map(then -> amount + " until " + then.after() + ", then " + then.amount())
                .orElse(Integer.toString(amount));
    return epochs ? text + (text.equals("1") ? " epoch" : " epochs") : text;
  }
}
