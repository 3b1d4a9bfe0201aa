package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class EdgeLabelsTest {
  private static BufferedImage sheet(int width, int height) {
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        sheet.getRaster().setSample(x, y, 0, 100 + (x + 3 * y) % 50);
      }
    }
    return sheet;
  }

  private static int inked(BufferedImage picture, int x, int y, int width, int height, int ink) {
    int count = 0;
    for (int i = 0; i < width * height; i++) {
      count += picture.getRaster().getSample(x + i % width, y + i / width, 0) == ink ? 1 : 0;
    }
    return count;
  }

  @Test
  void theSheetStaysAsItIsBesideItsNumbers() {
    BufferedImage sheet = sheet(60, 40);
    BufferedImage whole = EdgeLabels.around(sheet, List.of("-1", "1"), List.of("-.5", ".5"), true);
    int left = whole.getWidth() - 60;
    int top = whole.getHeight() - 40;
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 60; x++) {
        assertEquals(
            sheet.getRaster().getSample(x, y, 0),
            whole.getRaster().getSample(left + x, top + y, 0));
      }
    }
    // Black ink above each column and beside each row, on white.
    assertTrue(inked(whole, left, 0, 30, top, 0) > 5);
    assertTrue(inked(whole, left + 30, 0, 30, top, 0) > 3);
    assertTrue(inked(whole, 0, top, left, 20, 0) > 5);
    assertTrue(inked(whole, 0, top + 20, left, 20, 0) > 5);
    assertEquals(255, whole.getRaster().getSample(0, 0, 0));
  }

  @Test
  void aColumnTooNarrowForItsNumberHasNone() {
    BufferedImage whole =
        EdgeLabels.around(sheet(20, 40), List.of("-1.6", "1.6"), List.of("a"), false);
    int top = whole.getHeight() - 40;
    assertEquals(0, inked(whole, 0, 0, whole.getWidth(), top, 255));
  }
}
