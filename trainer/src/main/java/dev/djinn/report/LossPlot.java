package dev.djinn.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Draws a run's curves: both losses above, the discriminator's accuracy below. The line is the mean
 * over a stretch of steps, the band behind it the stretch's extremes.
 */
public final class LossPlot {
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 800;
  private static final int TEXT = 2;

  private final BufferedImage picture =
      new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
  private final Graphics2D pen = picture.createGraphics();

  private LossPlot() {
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, WIDTH, HEIGHT);
  }

  /**
   * Draws all points of a run.
   *
   * @param points in the order of their steps; values that are not finite leave a gap
   * @return 1200 pixels wide, 800 high, RGB
   * @throws IllegalArgumentException if there are no points
   */
  public static BufferedImage of(List<CurvePoint> points) {
    LossPlot plot = new LossPlot();
    try {
      for (CurvePanel panel : CurvePanel.all(points)) {
        boolean losses = panel.curves().size() > 1;
        plot.panel(
            panel,
            losses ? new Rectangle(110, 60, 1060, 430) : new Rectangle(110, 580, 1060, 140),
            losses);
      }
    } finally {
      plot.pen.dispose();
    }
    return plot.picture;
  }

  private void panel(CurvePanel panel, Rectangle box, boolean first) {
    for (Axis.Tick tick : panel.values().ticks()) {
      int y = (int) Math.round(y(panel, box, tick.value()));
      pen.setColor(new Color(0xe4e4e4));
      pen.fillRect(box.x, y, box.width, 1);
      text(
          tick.text(),
          box.x - 12 - BitmapFont.width(tick.text(), TEXT),
          y - BitmapFont.ASCENT,
          0x555555);
    }
    for (Axis.Tick tick : panel.steps().ticks()) {
      int x = (int) Math.round(x(panel, box, tick.value()));
      pen.setColor(new Color(0x888888));
      pen.fillRect(x, box.y + box.height, 1, 7);
      int left = x - BitmapFont.width(tick.text(), TEXT) / 2;
      text(
          tick.text(),
          Math.min(left, WIDTH - BitmapFont.width(tick.text(), TEXT) - 4),
          box.y + box.height + 12,
          0x555555);
    }
    pen.setColor(new Color(0x888888));
    pen.fillRect(box.x, box.y + box.height, box.width, 1);
    if (!first) {
      text("step", box.x + (box.width - BitmapFont.width("step", TEXT)) / 2, HEIGHT - 30, 0x222222);
    }
    int left = box.x;
    for (CurvePanel.Named named : panel.curves()) {
      int colour = Integer.parseInt(named.colour().substring(1), 16);
      pen.setColor(new Color(colour));
      pen.fillRect(left, box.y - 32, 28, 6);
      text(named.name(), left + 38, box.y - 36, 0x222222);
      left += 38 + BitmapFont.width(named.name(), TEXT) + 40;
    }
    pen.setClip(box.x, box.y - 2, box.width + 1, box.height + 3);
    for (CurvePanel.Named named : panel.curves()) {
      curve(
          panel, box, named.curve(), new Color(Integer.parseInt(named.colour().substring(1), 16)));
    }
    pen.setClip(null);
  }

  private void curve(CurvePanel panel, Rectangle box, Curve curve, Color colour) {
    if (curve.bins().isEmpty()) {
      return;
    }
    Path2D line = new Path2D.Double();
    Path2D band = new Path2D.Double();
    for (int i = 0; i < curve.bins().size(); i++) {
      Curve.Bin bin = curve.bins().get(i);
      double x = x(panel, box, bin.step());
      if (i == 0) {
        line.moveTo(x, y(panel, box, bin.mean()));
        band.moveTo(x, y(panel, box, bin.greatest()));
      } else {
        line.lineTo(x, y(panel, box, bin.mean()));
        band.lineTo(x, y(panel, box, bin.greatest()));
      }
    }
    for (int i = curve.bins().size() - 1; i >= 0; i--) {
      Curve.Bin bin = curve.bins().get(i);
      band.lineTo(x(panel, box, bin.step()), y(panel, box, bin.least()));
    }
    band.closePath();
    pen.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 48));
    pen.fill(band);
    pen.setColor(colour);
    pen.setStroke(new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    pen.draw(line);
    if (curve.bins().size() == 1) {
      Curve.Bin only = curve.bins().get(0);
      pen.fillRect(
          (int) x(panel, box, only.step()) - 4, (int) y(panel, box, only.mean()) - 4, 8, 8);
    }
  }

  private static double x(CurvePanel panel, Rectangle box, double step) {
    return box.x + panel.steps().place(step) * box.width;
  }

  private static double y(CurvePanel panel, Rectangle box, double value) {
    // A band may reach far beyond the axis; Java2D's strokes suffer from huge coordinates.
    double place = Math.min(2, Math.max(-1, panel.values().place(value)));
    return box.y + box.height - place * box.height;
  }

  private void text(String text, int x, int y, int rgb) {
    BitmapFont.draw(picture, text, x, y, TEXT, (rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff);
  }
}
