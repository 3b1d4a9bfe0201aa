package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {
  @Test
  void keepsEveryPointWhenThereIsRoom() {
    Curve curve = Curve.of(points(1, 2, 3), CurvePoint::generatorLoss, 10);
    assertEquals(
        List.of(new Curve.Bin(0, 1, 1, 1), new Curve.Bin(1, 2, 2, 2), new Curve.Bin(2, 3, 3, 3)),
        curve.bins());
  }

  @Test
  void thinsToMeanAndExtremes() {
    Curve curve = Curve.of(points(1, 5, 3, 2, 0, 1), CurvePoint::generatorLoss, 2);
    assertEquals(List.of(new Curve.Bin(1, 3, 1, 5), new Curve.Bin(4, 1, 0, 2)), curve.bins());
  }

  @Test
  void leavesOutWhatIsNotFinite() {
    Curve curve =
        Curve.of(points(1, Double.NaN, Double.POSITIVE_INFINITY, 4), CurvePoint::generatorLoss, 2);
    assertEquals(List.of(new Curve.Bin(0, 1, 1, 1), new Curve.Bin(3, 4, 4, 4)), curve.bins());
  }

  private static List<CurvePoint> points(double... losses) {
    List<CurvePoint> points = new ArrayList<>();
    for (double loss : losses) {
      points.add(new CurvePoint(points.size(), 0, loss, 0));
    }
    return points;
  }
}
