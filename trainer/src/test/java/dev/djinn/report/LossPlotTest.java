package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LossPlotTest {
  @Test
  void drawsAConstantLossAtItsHeight() {
    List<CurvePoint> points = new ArrayList<>();
    for (int step = 0; step <= 100; step++) {
      points.add(new CurvePoint(step, 1, 0.5, 0.75));
    }
    BufferedImage plot = LossPlot.of(points);
    // The axis reaches to 1.05 over 430 rows from row 60: loss 1 lies 1/1.05 up, 0.5 half of that.
    assertEquals(
        0x1f83c4, plot.getRGB(600, 60 + (int) Math.round(430 * (1 - 1 / 1.05))) & 0xffffff);
    assertEquals(
        0xd9661f, plot.getRGB(600, 60 + (int) Math.round(430 * (1 - 0.5 / 1.05))) & 0xffffff);
    // Accuracy 0 to 1 over 140 rows from row 580.
    assertEquals(0x1a9a72, plot.getRGB(600, 580 + 35) & 0xffffff);
  }

  @Test
  void drawsLongNoisySpikyAndMissingValues() {
    Random random = new Random(1);
    List<CurvePoint> points = new ArrayList<>();
    for (int step = 1; step <= 20_000; step++) {
      double spike = step % 5_000 == 0 ? 1e30 : 0;
      points.add(
          new CurvePoint(
              step,
              step == 7 ? Double.NaN : random.nextDouble(),
              spike + random.nextGaussian(),
              Double.NaN));
    }
    BufferedImage plot = LossPlot.of(points);
    assertEquals(1200, plot.getWidth());
    int white = plot.getRGB(700, 670) & 0xffffff;
    assertEquals(0xffffff, white, "no accuracy was measured, so none is drawn");
  }

  @Test
  void marksARunOfOneStep() {
    BufferedImage plot = LossPlot.of(List.of(new CurvePoint(1, 0.7, 0.6, 0.5)));
    int coloured = 0;
    for (int y = 60; y < 490; y++) {
      coloured += (plot.getRGB(112, y) & 0xffffff) == 0xd9661f ? 1 : 0;
    }
    assertTrue(coloured >= 8, "dots found: " + coloured);
  }

  @Test
  void refusesARunWithoutSteps() {
    assertThrows(IllegalArgumentException.class, () -> LossPlot.of(List.of()));
  }
}
