package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @ParameterizedTest
  @CsvSource({
    "0, 1, 2, 0 0.5 1",
    "0, 0.7, 6, 0 0.2 0.4 0.6",
    "0, 20000, 8, 0 5000 10000 15000 20000",
    "-0.31, 0.3, 6, -0.2 0 0.2",
    "0, 3000000, 3, 0 1M 2M 3M",
    "5, 5, 2, 5 5.5 6",
    "0, 1e-6, 2, 0 0.0000005 0.000001",
    "100, 400, 3, 100 200 300 400",
  })
  void marksRoundNumbers(double from, double to, int about, String texts) {
    assertEquals(texts, texts(Axis.over(from, to, about)));
  }

  @ParameterizedTest
  @CsvSource({"1, 4, 1 2 3 4", "5, 5, 5 6", "1, 40, 5 10 15 20 25 30 35 40"})
  void marksStepsAtWholeNumbersOnly(long from, long to, String texts) {
    assertEquals(texts, texts(Axis.ofWhole(from, to, 8)));
  }

  private static String texts(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::text).collect(Collectors.joining(" "));
  }
}
