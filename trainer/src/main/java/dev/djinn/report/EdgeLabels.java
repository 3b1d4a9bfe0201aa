package dev.djinn.report;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/** Numbers along the upper and the left edge of a sheet, as on the axes of a plot. */
public final class EdgeLabels {
  private static final int GAP = 3;

  private EdgeLabels() {}

  /**
   * Puts a sheet into a larger picture that has the labels. A cell too narrow for its label has
   * none.
   *
   * @param sheet grey or RGB, of as many equal columns and rows as there are labels
   * @param columns from left to right, ASCII
   * @param rows from top to bottom, ASCII
   * @param darkOnLight whether labels are black on white rather than white on black
   * @return a picture of the sheet's kind
   */
  public static BufferedImage around(
      BufferedImage sheet, List<String> columns, List<String> rows, boolean darkOnLight) {
    int left =
        rows.stream().mapToInt(label -> BitmapFont.width(label, 1)).max().orElse(0) + 2 * GAP;
    int top = BitmapFont.HEIGHT + 2 * GAP;
    BufferedImage whole =
        new BufferedImage(sheet.getWidth() + left, sheet.getHeight() + top, sheet.getType());
    int ground = darkOnLight ? 255 : 0;
    int bands = whole.getRaster().getNumBands();
    int[] line = new int[whole.getWidth() * bands];
    Arrays.fill(line, ground);
    for (int y = 0; y < whole.getHeight(); y++) {
      whole.getRaster().setPixels(0, y, whole.getWidth(), 1, line);
    }
    whole.getRaster().setRect(left, top, sheet.getRaster());
    int ink = 255 - ground;
    int cellWidth = sheet.getWidth() / columns.size();
    for (int i = 0; i < columns.size(); i++) {
      int width = BitmapFont.width(columns.get(i), 1);
      if (width < cellWidth) {
        int x = left + i * cellWidth + (cellWidth - width) / 2;
        BitmapFont.draw(whole, columns.get(i), x, GAP, 1, ink, ink, ink);
      }
    }
    int cellHeight = sheet.getHeight() / rows.size();
    for (int i = 0; i < rows.size(); i++) {
      if (BitmapFont.HEIGHT <= cellHeight) {
        int x = left - GAP - BitmapFont.width(rows.get(i), 1);
        int y = top + i * cellHeight + (cellHeight - BitmapFont.ASCENT) / 2;
        BitmapFont.draw(whole, rows.get(i), x, y, 1, ink, ink, ink);
      }
    }
    return whole;
  }
}
