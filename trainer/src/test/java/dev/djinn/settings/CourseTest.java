package dev.djinn.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.djinn.network.NetworkException;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Course.Shape;
import dev.djinn.settings.Course.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Courses against numbers worked out by hand. Epochs have 25 steps here, batches 8 pictures. */
class CourseTest {
  private static final Interval LENGTH = new Interval(1000, false);

  private static Course course(String text) {
    return Course.read(YamlCursor.parse("n: " + text, "mine.yaml").get("n"), 0, 10, LENGTH);
  }

  private static Moment at(long step) {
    return new Moment(step, 25, 8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 | 3 | 3 | 3",
        "{shape: linear, from: 1, to: 3, over: 100} | 1 | 2 | 3",
        "{shape: linear, from: 3, to: 1, over: 4 epochs} | 3 | 2 | 1",
        "{shape: linear, from: 1, to: 3, over: 800 images} | 1 | 2 | 3",
        "{shape: cosine, from: 1, to: 3, over: 200} | 1 | 1.292893 | 2",
        "{shape: linear, from: 0, to: 10} | 0 | 0.5 | 1",
        "{shape: steps, from: 1, at: {50: 2, 100: 5}} | 1 | 2 | 5",
        "{shape: steps, from: 1, at: {401 images: 2, 800 images: 5}} | 1 | 1 | 5",
        "{shape: steps, from: 1, at: {2 epochs: 4}} | 1 | 4 | 4"
      })
  void goesItsWay(String text, double first, double fiftieth, double hundredth) {
    Course course = course(text);
    assertEquals(first, course.at(at(0)), 1e-12);
    assertEquals(first, course.start(), 1e-12);
    assertEquals(fiftieth, course.at(at(50)), 1e-6);
    assertEquals(hundredth, course.at(at(100)), 1e-12);
  }

  @Test
  void staysWhereItEnds() {
    assertEquals(3, course("{shape: linear, from: 1, to: 3, over: 100}").at(at(5000)), 1e-12);
    assertEquals(3, course("{shape: cosine, from: 1, to: 3, over: 1 epoch}").at(at(26)), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.25",
        "{shape: cosine, from: 0.2, to: 0.02, over: 300000 images}",
        "{shape: linear, from: 0.2, to: 0.02}",
        "{shape: steps, from: 0.2, at: {10 epochs: 0.1, 20 epochs: 0.05}}"
      })
  void comesBackFromTheFile(String text) {
    Course course = course(text);
    // JSON is YAML.
    assertEquals(course, course(new Gson().toJson(course.write())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{shape: round, from: 1, to: 2} | mine.yaml:1: n.shape: expected linear, cosine or steps",
        "{shape: linear, to: 2} | n: 'from' is missing",
        "{shape: linear, from: 1, to: 20} | mine.yaml:1: n.to: must be from 0",
        "{shape: linear, from: 1, to: 2, over: 5 days} | n.over: must be one number of steps, epochs",
        "{shape: linear, from: 1, to: 2, under: 5} | mine.yaml:1: unknown key 'under'",
        "{shape: steps, from: 1, at: {20: 2, 10: 3}} | n.at: must go up in one unit, got 10 steps after",
        "{shape: steps, from: 1, at: {2 epochs: 2, 100: 3}} | n.at: must go up in one unit",
        "ten | mine.yaml:1: n: expected a number"
      })
  void saysWhatIsWrong(String text, String message) {
    NetworkException e = assertThrows(NetworkException.class, () -> course(text));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void ratesDecayFromOneToTheirEnd() {
    RateDecay linear = new RateDecay(Shape.LINEAR, 0.2, new Span(100, Span.Unit.STEPS));
    assertEquals(1, linear.factor(at(0)), 1e-12);
    assertEquals(0.6, linear.factor(at(50)), 1e-12);
    assertEquals(0.2, linear.factor(at(100)), 1e-12);
    assertEquals(0.2, linear.factor(at(5000)), 1e-12);
    RateDecay cosine = new RateDecay(Shape.COSINE, 0, new Span(4, Span.Unit.EPOCHS));
    assertEquals(0.5, cosine.factor(at(50)), 1e-12);
    assertTrue(cosine.factor(at(10)) > 0.97 && cosine.factor(at(90)) < 0.03);
    assertEquals(1, RateDecay.NONE.factor(at(12345)), 0);
  }

  @Test
  void anAverageForgetsHalfInItsHalfLife() {
    Average average =
        Average.read(
            YamlCursor.parse("a: {half-life: {shape: steps, from: 0, at: {10: 80}}}", "f").get("a"),
            LENGTH);
    assertEquals(0, average.kept(at(9)), 0);
    // Ten batches of 8 pictures.
    assertEquals(0.5, Math.pow(average.kept(at(10)), 10), 1e-12);
  }
}
