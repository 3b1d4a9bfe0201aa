package dev.djinn.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class QualitySummaryTest {
  private static Quality quality(double fcd, double kid) {
    return new Quality(100, figures(fcd, kid), figures(1.25, -2e-6), List.of("a", "b"));
  }

  private static Quality.Figures figures(double fcd, double kid) {
    return new Quality.Figures(
        fcd,
        new KernelDistance(kid, 1.25e-5),
        new Neighbourhoods(0.5, 0.25, 1, 0.75),
        Optional.of(ClassHistogram.of(List.of(0, 1), List.of(0.5, 0.5))),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  private static List<String> row(QualitySummary summary, String start) {
    return summary.table().rows().stream()
        .filter(row -> row.get(0).startsWith(start))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSmallDistanceKeepsItsDigitsAndSaysHowFarItVaries() {
    QualitySummary one =
        new QualitySummary(List.of(quality(123.456, 3.4567e-5)), OptionalDouble.of(12.34567));
    assertEquals(
        List.of("3.457e-05 ± 1.3e-05", "-2.000e-06 ± 1.3e-05"),
        row(one, "kernel distance").subList(1, 3));
    assertEquals(List.of("123.5", "1.250"), row(one, "Fréchet").subList(1, 3));
    assertEquals(List.of("12.35", ""), row(one, "  before").subList(1, 3));
    assertEquals(List.of("2", "2"), row(one, "classes found").subList(1, 3));
    assertEquals(List.of("0.000", "0.000"), row(one, "KL").subList(1, 3));
  }

  @Test
  void severalJudgementsVaryAmongThemselves() {
    QualitySummary two =
        new QualitySummary(List.of(quality(1, 1e-4), quality(2, 3e-4)), OptionalDouble.empty());
    assertEquals(
        List.of("0.0002000 ± 0.00014", "-2.000e-06 ± 0.0"),
        row(two, "kernel distance").subList(1, 3));
    assertEquals("1.500 ± 0.71", row(two, "Fréchet").get(1));
  }
}
