package dev.djinn.data;

import dev.djinn.data.DataOptions.Colour;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Counts pictures by their own size, and says what was done to bring them to one. */
final class PictureTally {
  private final Map<ImageSize, Integer> sizes = new LinkedHashMap<>();
  private int transparent;

  void count(ImageSize size, boolean seenThrough) {
    sizes.merge(size, 1, Integer::sum);
    transparent += seenThrough ? 1 : 0;
  }

  /** Pictures with a pixel that is not opaque. */
  int transparent() {
    return transparent;
  }

  private int of(Predicate<ImageSize> which) {
    return sizes.entrySet().stream()
        .filter(entry -> which.test(entry.getKey()))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** What was done, in one line. */
  String told(DataOptions.Form form, ImageSize size) {
    Comparator<ImageSize> byArea =
        Comparator.comparingLong(one -> (long) one.width() * one.height());
    ImageSize smallest = sizes.keySet().stream().min(byArea).orElseThrow();
    ImageSize greatest = sizes.keySet().stream().max(byArea).orElseThrow();
    int all = of(one -> true);
    int fitted = of(one -> !one.hasShapeOf(size));
    int reduced = of(one -> scale(one, size, form) < 1);
    int enlarged = of(one -> scale(one, size, form) > 1);
    StringBuilder line =
        new StringBuilder(
            "%,d pictures of %s%s"
                .formatted(all, smallest, smallest.equals(greatest) ? "" : " to " + greatest));
    if (fitted > 0) {
      String done = Fitting.said(form, size);
      boolean cropped = form.fit() == DataOptions.Fit.CROP;
      line.append((cropped ? "; of %,d %s" : "; %,d %s").formatted(fitted, done));
    }
    if (reduced + enlarged == 0) {
      line.append(fitted > 0 ? ", at its own size" : ", as they are");
    }
    if (reduced > 0) {
      line.append("; %,d reduced".formatted(reduced));
    }
    if (enlarged > 0) {
      line.append(reduced > 0 ? " and " : "; ").append("%,d enlarged".formatted(enlarged));
    }
    if (reduced + enlarged > 0) {
      line.append(" to " + size);
    }
    line.append(proposed(form, size, all));
    if (transparent > 0) {
      line.append("; %,d partly transparent".formatted(transparent));
      line.append(
          form.colour() == Colour.RGBA ? "" : ", shown on white (--colour rgba keeps that)");
    }
    return line.toString();
  }

  /** Where most are of one size, it is worth a word. */
  private String proposed(DataOptions.Form form, ImageSize size, int all) {
    ImageSize most = sizes.keySet().stream().max(Comparator.comparingInt(sizes::get)).orElseThrow();
    return form.size().isEmpty()
            && !most.equals(size)
            && most.isUsual()
            && 2 * sizes.get(most) > all
        ? " (%,d are %s: --image-size %s keeps those)"
            .formatted(sizes.get(most), most, most.option())
        : "";
  }

  /** How much larger a picture becomes. */
  private static double scale(ImageSize own, ImageSize size, DataOptions.Form form) {
    double high = (double) size.height() / own.height();
    double wide = (double) size.width() / own.width();
    return switch (form.fit()) {
      case CROP -> Math.max(high, wide);
      case PAD -> Math.min(high, wide);
      case STRETCH -> high * wide;
    };
  }
}
