package dev.djinn.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A panel of curves as SVG, sized so that its text is readable on a phone. */
final class SvgCurves {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 290;
  private static final int LEFT = 44;
  private static final int TOP = 34;
  private static final int RIGHT = 470;
  private static final int BOTTOM = 250;

  private final CurvePanel panel;
  private final StringBuilder svg = new StringBuilder();

  private SvgCurves(CurvePanel panel) {
    this.panel = panel;
  }

  static String draw(CurvePanel panel) {
    SvgCurves curves = new SvgCurves(panel);
    curves.add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s by step\">",
        WIDTH, HEIGHT, HtmlPage.escape(panel.title()));
    curves.axes();
    curves.legend();
    // A nested svg clips what reaches beyond the axes, without an id that could clash.
    curves.add(
        "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" viewBox=\"%d %d %d %d\">",
        LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP);
    panel.curves().forEach(curves::curve);
    curves.add("</svg></svg>");
    return curves.svg.toString();
  }

  private void axes() {
    for (Axis.Tick tick : panel.values().ticks()) {
      double y = y(tick.value());
      add("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, RIGHT, y, y);
      add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT - 7, y + 4.5, tick.text());
    }
    double lastEnd = Double.NEGATIVE_INFINITY;
    for (Axis.Tick tick : panel.steps().ticks()) {
      double x = x(tick.value());
      double half = tick.text().length() * 4.0;
      double centre = Math.min(x, WIDTH - half - 2);
      if (centre - half > lastEnd) {
        add(
            "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
            x, x, BOTTOM, BOTTOM + 5);
        add(
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            centre, BOTTOM + 19, tick.text());
        lastEnd = centre + half + 8;
      }
    }
    add(
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
        LEFT, RIGHT, BOTTOM, BOTTOM);
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">step</text>",
        (LEFT + RIGHT) / 2, HEIGHT - 5);
  }

  private void legend() {
    double left = LEFT;
    for (CurvePanel.Named named : panel.curves()) {
      add(
          "<rect x=\"%.1f\" y=\"11\" width=\"16\" height=\"4\" fill=\"%s\"/>",
          left, named.colour());
      add("<text class=\"name\" x=\"%.1f\" y=\"18\">%s</text>", left + 22, named.name());
      left += 22 + named.name().length() * 7.2 + 16;
    }
  }

  private void curve(CurvePanel.Named named) {
    List<Curve.Bin> bins = named.curve().bins();
    if (bins.isEmpty()) {
      return;
    }
    List<Curve.Bin> back = new ArrayList<>(bins);
    Collections.reverse(back);
    add(
        "<polygon fill=\"%s\" fill-opacity=\".2\" points=\"%s\"/>",
        named.colour(),
        Stream.concat(points(bins, Curve.Bin::greatest), points(back, Curve.Bin::least))
            .collect(Collectors.joining(" ")));
    if (bins.size() == 1) {
      Curve.Bin only = bins.get(0);
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>",
          x(only.step()), y(only.mean()), named.colour());
    }
    add(
        "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" stroke-linejoin=\"round\" points=\"%s\"/>",
        named.colour(), points(bins, Curve.Bin::mean).collect(Collectors.joining(" ")));
  }

  private Stream<String> points(List<Curve.Bin> bins, ToDoubleFunction<Curve.Bin> value) {
    return bins.stream()
        .map(
            bin ->
                String.format(
                    Locale.ROOT, "%.1f,%.1f", x(bin.step()), y(value.applyAsDouble(bin))));
  }

  private double x(double step) {
    return LEFT + panel.steps().place(step) * (RIGHT - LEFT);
  }

  private double y(double value) {
    // What lies far outside is cut off anyway, and huge numbers would only make the page long.
    return BOTTOM - Math.min(2, Math.max(-1, panel.values().place(value))) * (BOTTOM - TOP);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
