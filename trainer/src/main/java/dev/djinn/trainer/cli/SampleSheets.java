package dev.djinn.trainer.cli;

import dev.djinn.data.ImageSet;
import dev.djinn.report.SampleGrid;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Picks images of a set to look at. */
final class SampleSheets {
  private static final int COLUMNS = 10;
  private static final int ROWS = 10;
  private static final int MOST_CLASSES = 20;

  /** Above this side pixels are not enlarged. */
  private static final int LARGE = 48;

  private SampleSheets() {}

  /** A titled row a class if there are few classes, else a hundred images, at random by a seed. */
  static BufferedImage of(ImageSet set, long seed) {
    Random random = new Random(seed);
    boolean rows = set.labelled() && set.classes().size() <= MOST_CLASSES;
    List<Integer> picked = rows ? ofEachClass(set, random) : ofAll(set, random);
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

  /** Some images of each class in turn; -1 where a class has too few. */
  private static List<Integer> ofEachClass(ImageSet set, Random random) {
    List<List<Integer>> members = new ArrayList<>();
    set.classes().forEach(kind -> members.add(new ArrayList<>()));
    for (int i = 0; i < set.count(); i++) {
      members.get(set.labels()[i]).add(i);
    }
    List<Integer> picked = new ArrayList<>();
    for (List<Integer> all : members) {
      List<Integer> some = some(all, COLUMNS, random);
      picked.addAll(some);
      picked.addAll(Collections.nCopies(COLUMNS - some.size(), -1));
    }
    return picked;
  }

  private static List<Integer> ofAll(ImageSet set, Random random) {
    return some(IntStream.range(0, set.count()).boxed().toList(), COLUMNS * ROWS, random);
  }

  /** At most so many, in their order. */
  private static List<Integer> some(List<Integer> all, int most, Random random) {
    List<Integer> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    return shuffled.stream().limit(most).sorted().toList();
  }
}
