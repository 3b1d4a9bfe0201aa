package dev.djinn.trainer.cli;

import dev.djinn.data.ImageSet;
import dev.djinn.report.SampleGrid;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Picks images of a set to look at. */
final class SampleSheets {
  private static final int COLUMNS = 10;
  private static final int ROWS = 10;
  private static final int MOST_CLASSES = 20;

  /** Above this side pixels are not enlarged. */
  private static final int LARGE = 48;

  private SampleSheets() {}

  /**
   * A titled row a class if there are few classes, else a hundred images evenly from the whole set.
   */
  static BufferedImage of(ImageSet set) {
    boolean rows = set.labelled() && set.classes().size() <= MOST_CLASSES;
    List<Integer> picked = rows ? ofEachClass(set) : spread(set);
    int size = set.channels() * set.height() * set.width();
    byte[] images = new byte[picked.size() * size];
    List<String> titles = new ArrayList<>();
    for (int i = 0; i < picked.size(); i++) {
      int image = picked.get(i);
      if (image >= 0) {
        System.arraycopy(set.pixels(), image * size, images, i * size, size);
      }
      if (rows) {
        titles.add(i % COLUMNS == 0 ? set.classes().get(i / COLUMNS) : "");
      }
    }
    return SampleGrid.columns(COLUMNS)
        .withScale(Math.max(set.height(), set.width()) > LARGE ? 1 : 2)
        .withTitles(titles)
        .ofBytes(images, set.channels(), set.height(), set.width());
  }

  /** The first images of each class in turn; -1 where a class has too few. */
  private static List<Integer> ofEachClass(ImageSet set) {
    List<Integer> picked = new ArrayList<>();
    for (int kind = 0; kind < set.classes().size(); kind++) {
      int found = 0;
      for (int i = 0; i < set.count() && found < COLUMNS; i++) {
        if (set.labels()[i] == kind) {
          picked.add(i);
          found++;
        }
      }
      for (; found < COLUMNS; found++) {
        picked.add(-1);
      }
    }
    return picked;
  }

  private static List<Integer> spread(ImageSet set) {
    int shown = Math.min(set.count(), COLUMNS * ROWS);
    List<Integer> picked = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      picked.add((int) ((long) i * set.count() / shown));
    }
    return picked;
  }
}
