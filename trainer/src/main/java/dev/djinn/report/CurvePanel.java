package dev.djinn.report;

import java.util.List;

/**
 * Curves over the same steps and the same range of values: what the plot and the report both draw.
 *
 * @param title what the values are
 * @param steps the horizontal axis
 * @param values the vertical axis
 * @param curves drawn in this order
 */
record CurvePanel(String title, Axis steps, Axis values, List<Named> curves) {
  /** The axis goes no further than this many times what 98 % of the means stay within. */
  private static final double SPIKE = 2;

  /** So many points at most, wherever it is drawn: pictures and pages show the same curve. */
  private static final int STRETCHES = 240;

  /** A curve, its name and its colour as {@code #rrggbb}. */
  record Named(String name, String colour, Curve curve) {}

  /** The losses, then the discriminator's accuracy. */
  static List<CurvePanel> all(List<CurvePoint> points) {
    if (points.isEmpty()) {
      throw new IllegalArgumentException("a run without a logged step has no curves");
    }
    Axis steps = Axis.ofWhole(points.get(0).step(), points.get(points.size() - 1).step(), 8);
    // Colours that stay apart for colour-blind readers, on white and on black.
    List<Named> losses =
        List.of(
            new Named(
                "discriminator loss",
                "#1f83c4",
                Curve.of(points, CurvePoint::discriminatorLoss, STRETCHES)),
            new Named(
                "generator loss",
                "#d9661f",
                Curve.of(points, CurvePoint::generatorLoss, STRETCHES)));
    List<Named> accuracy =
        List.of(
            new Named(
                "discriminator accuracy",
                "#1a9a72",
                Curve.of(points, CurvePoint::discriminatorAccuracy, STRETCHES)));
    return List.of(
        new CurvePanel("loss", steps, means(losses), losses),
        new CurvePanel("accuracy", steps, Axis.over(0, 1, 2), accuracy));
  }

  /**
   * Reaches over the means, not the extremes, and cuts rare spikes: one would press all else flat.
   */
  private static Axis means(List<Named> curves) {
    double[] means =
        curves.stream()
            .flatMap(named -> named.curve().bins().stream())
            .mapToDouble(Curve.Bin::mean)
            .sorted()
            .toArray();
    double least = 0;
    double greatest = 0;
    if (means.length > 0) {
      int tail = means.length / 50;
      least = Math.max(Math.min(0, means[0]), Math.min(0, SPIKE * means[tail]));
      greatest =
          Math.min(
              Math.max(0, means[means.length - 1]),
              Math.max(0, SPIKE * means[means.length - 1 - tail]));
    }
    double margin = 0.05 * (greatest - least);
    return Axis.over(least < 0 ? least - margin : 0, greatest + margin, 6);
  }
}
