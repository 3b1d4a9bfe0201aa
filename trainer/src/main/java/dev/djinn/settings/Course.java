package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of the recipe as training goes on. In files it is a number, or one of
 *
 * <pre>{@code
 * {shape: cosine, from: 0.2, to: 0.02, over: 300000 images}
 * {shape: linear, from: 0.9, to: 0.99}
 * {shape: steps, from: 0.2, at: {4000: 0.1, 8000: 0.05}}
 * }</pre>
 */
public sealed interface Course {
  /** Ways from one number to another. */
  enum Shape {
    /** A straight line. */
    LINEAR,
    /** Half a cosine wave (Loshchilov and Hutter 2017, equation 5). */
    COSINE;

    /** How much of the difference is left, 1 at the beginning of the way and 0 at its end. */
    double left(double way) {
      return this == LINEAR ? 1 - way : (1 + Math.cos(Math.PI * way)) / 2;
    }
  }

  /**
   * Where training stands.
   *
   * @param step the step that is about to be made, counted from 0
   * @param stepsPerEpoch steps in an epoch
   * @param batch pictures in a batch
   */
  record Moment(long step, long stepsPerEpoch, int batch) {}

  /**
   * A stretch of training.
   *
   * @param amount at least 1
   * @param unit of what
   */
  record Span(long amount, Unit unit) {
    /** What is counted. */
    public enum Unit {
      /** Updates of both networks. */
      STEPS,
      /** Passes over the data. */
      EPOCHS,
      /** Real pictures: steps times batch. */
      IMAGES
    }

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,11})( epochs?| images?)?");

    /**
     * How much of the stretch is over.
     *
     * @param now where training stands
     * @return from 0 to 1
     */
    public double passed(Moment now) {
      double way =
          switch (unit) {
            case STEPS -> (double) now.step() / amount;
            case EPOCHS -> (double) now.step() / (amount * now.stepsPerEpoch());
            case IMAGES -> (double) now.step() * now.batch() / amount;
          };
      return Math.min(1, way);
    }

    static Span of(Interval whole) {
      return new Span(whole.amount(), whole.epochs() ? Unit.EPOCHS : Unit.STEPS);
    }

    static Span read(YamlCursor at) {
      return parse(at.text(), at);
    }

    private static Span parse(String text, YamlCursor at) {
      Matcher form = FORM.matcher(text.replace("_", ""));
      if (!form.matches()) {
        throw at.failure(
            "must be one number of steps, epochs or images, such as 20000, '5 epochs' or '300000"
                + " images', got '"
                + text
                + "'");
      }
      String unit = form.group(2) == null ? "" : form.group(2);
      return new Span(
          Long.parseLong(form.group(1)),
          unit.startsWith(" e") ? Unit.EPOCHS : unit.isEmpty() ? Unit.STEPS : Unit.IMAGES);
    }

    /** {@return this as a file has it: a number of steps, or text} */
    Object write() {
      // As Interval writes it, for the folders of older runs.
      return unit != Unit.STEPS
          ? toString()
          : amount > Interval.MOST ? (Object) amount : (int) amount;
    }

    @Override
    public String toString() {
      String plural = unit.name().toLowerCase(Locale.ROOT);
      return amount + " " + (amount == 1 ? plural.substring(0, plural.length() - 1) : plural);
    }
  }

  /**
   * The number for a step.
   *
   * @param now where training stands
   * @return the number
   */
  double at(Moment now);

  /**
   * The number for the first step.
   *
   * @return the number
   */
  default double start() {
    return at(new Moment(0, 1, 1));
  }

  /**
   * Whether it is 0 from the beginning to the end.
   *
   * @return true if nothing ever comes of it
   */
  boolean zero();

  /** Whether what it depends on is counted in steps, so that no batch need be counted. */
  boolean inSteps();

  /** {@return this as a file has it} */
  Object write();

  /**
   * The same number all the time.
   *
   * @param value the number
   */
  record Constant(double value) implements Course {
    @Override
    public double at(Moment now) {
      return value;
    }

    @Override
    public boolean zero() {
      return value == 0;
    }

    @Override
    public boolean inSteps() {
      return true;
    }

    @Override
    public Object write() {
      return value;
    }
  }

  /**
   * From one number to another, where it then stays.
   *
   * @param shape of the way
   * @param from the first number
   * @param to the last
   * @param over how long it takes
   */
  record Way(Shape shape, double from, double to, Span over) implements Course {
    @Override
    public double at(Moment now) {
      return to + (from - to) * shape.left(over.passed(now));
    }

    @Override
    public boolean zero() {
      return from == 0 && to == 0;
    }

    @Override
    public boolean inSteps() {
      return over.unit() == Span.Unit.STEPS;
    }

    @Override
    public Object write() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("shape", YamlCursor.kebab(shape));
      map.put("from", from);
      map.put("to", to);
      map.put("over", over.write());
      return map;
    }
  }

  /**
   * A number that changes at once, and more than once.
   *
   * @param from the first number
   * @param changes what it becomes after so much, soonest first
   */
  record Stairs(double from, List<Change> changes) implements Course {
    /** Copies the list. */
    public Stairs {
      changes = List.copyOf(changes);
    }

    /**
     * One of them.
     *
     * @param after when
     * @param to the number from then on
     */
    public record Change(Span after, double to) {}

    @Override
    public double at(Moment now) {
      double value = from;
      for (Change change : changes) {
        value = change.after().passed(now) >= 1 ? change.to() : value;
      }
      return value;
    }

    @Override
    public boolean zero() {
      return from == 0 && changes.stream().allMatch(change -> change.to() == 0);
    }

    @Override
    public boolean inSteps() {
      return changes.stream().allMatch(change -> change.after().unit() == Span.Unit.STEPS);
    }

    @Override
    public Object write() {
      Map<String, Object> at = new LinkedHashMap<>();
      changes.forEach(change -> at.put(change.after().write().toString(), change.to()));
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("shape", "steps");
      map.put("from", from);
      map.put("at", at);
      return map;
    }
  }

  /**
   * Reads a number or its course.
   *
   * @param at its place in a file
   * @param low the least it may be
   * @param high the most
   * @param length of the run, over which it goes if nothing is said; the run's folder then says so,
   *     for a longer one
   * @return the course
   */
  static Course read(YamlCursor at, double low, double high, Interval length) {
    if (!at.isMapping()) {
      return new Constant(at.real(low, high));
    }
    double from = at.get("from").real(low, high);
    Course course;
    if (at.get("shape").text().equals("steps")) {
      course = new Stairs(from, changes(at.get("at"), low, high));
    } else {
      course =
          new Way(
              shape(at.get("shape")),
              from,
              at.get("to").real(low, high),
              at.find("over").map(Span::read).orElse(Span.of(length)));
    }
    at.rejectUnread();
    return course;
  }

  private static Shape shape(YamlCursor at) {
    return switch (at.text()) {
      case "linear" -> Shape.LINEAR;
      case "cosine" -> Shape.COSINE;
      default -> throw at.failure("expected linear, cosine or steps, got '" + at.text() + "'");
    };
  }

  private static List<Stairs.Change> changes(YamlCursor at, double low, double high) {
    List<Stairs.Change> changes = new ArrayList<>();
    for (String key : at.keys()) {
      Stairs.Change change = new Stairs.Change(Span.parse(key, at), at.get(key).real(low, high));
      if (!changes.isEmpty()) {
        Span last = changes.get(changes.size() - 1).after();
        if (last.unit() != change.after().unit() || last.amount() >= change.after().amount()) {
          throw at.failure("must go up in one unit, got " + change.after() + " after " + last);
        }
      }
      changes.add(change);
    }
    return changes;
  }
}
