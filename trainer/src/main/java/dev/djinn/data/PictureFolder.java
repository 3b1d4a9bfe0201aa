package dev.djinn.data;

import dev.djinn.files.FileProblem;
import dev.djinn.picture.Picture;
import dev.djinn.picture.UnusablePicture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads pictures of any size and colour from a folder or zip. Each sub-folder is a class; pictures
 * that all lie in one folder have no labels. The largest centred square of each is brought to the
 * image size. A picture that cannot be used is skipped, counted and listed in the log.
 */
final class PictureFolder {
  private static final Set<String> ENDINGS =
      Set.of("png", "jpg", "jpeg", "jfif", "gif", "bmp", "tif", "tiff", "webp", "avif", "heic");

  private static final int MOST_LISTED = 20;
  private static final int PROGRESS = 5_000;

  private final PictureSource source;
  private final DataOptions options;
  private final int side;

  /**
   * Planes that are kept of each picture: one if it is to be grey, else all until all are known.
   */
  private final int planes;

  private final List<String> skipped = new ArrayList<>();

  private PictureFolder(PictureSource source, DataOptions options) {
    this.source = source;
    this.options = options;
    this.side = options.imageSize().orElse(DataOptions.DEFAULT_IMAGE_SIZE);
    this.planes = options.colour() == DataOptions.Colour.GREY ? 1 : 3;
  }

  /**
   * Reads everything.
   *
   * @throws DataException if there is no usable picture, or pictures lie beside the folders of
   *     classes
   */
  static ImageSet read(String name, PictureSource source, DataOptions options) {
    try {
      return new PictureFolder(source, options).read(name);
    } catch (IOException e) {
      throw DataException.reading(source.place().toString(), e);
    }
  }

  private ImageSet read(String name) throws IOException {
    List<String> files = source.names().stream().filter(PictureFolder::isPicture).toList();
    if (files.isEmpty()) {
      throw new DataException(
          "%s: holds no pictures (%s) and no IDX files".formatted(source.place(), Picture.FORMATS));
    }
    List<Optional<String>> classes = classes(files);
    int image = planes * side * side;
    byte[] pixels = Fit.array(name, files.size(), planes, side, side);
    List<Optional<String>> used = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (place(files.get(i), pixels, used.size() * image)) {
        used.add(classes.get(i));
      }
      if ((i + 1) % PROGRESS == 0) {
        options.log().accept("%s: read %,d of %,d pictures".formatted(name, i + 1, files.size()));
      }
    }
    reportSkipped(name, files.size());
    if (used.isEmpty()) {
      throw new DataException(
          "%s: none of %d pictures can be used; the first is %s"
              .formatted(name, files.size(), skipped.get(0)));
    }
    boolean turnsGrey =
        options.colour() == DataOptions.Colour.AS_FOUND && isGrey(pixels, used.size());
    byte[] kept =
        turnsGrey ? firstPlanes(pixels, used.size()) : Arrays.copyOf(pixels, used.size() * image);
    return labelled(name, turnsGrey ? 1 : planes, kept, used);
  }

  /** What to train on: by name an image, and not a hidden file or one that a Mac adds to a zip. */
  private static boolean isPicture(String file) {
    String ending = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return ENDINGS.contains(ending)
        && Stream.of(file.split("/", -1))
            .noneMatch(part -> part.startsWith(".") || part.equals("__MACOSX"));
  }

  /** For each file its class, from the first folder in which they differ. */
  private List<Optional<String>> classes(List<String> files) {
    String first = files.get(0);
    // The list is sorted, so what the first and the last name share, all share.
    String last = files.get(files.size() - 1);
    int shared = 0;
    for (int slash = first.indexOf('/'); slash >= 0; slash = first.indexOf('/', shared)) {
      if (!last.startsWith(first.substring(0, slash + 1))) {
        break;
      }
      shared = slash + 1;
    }
    int start = shared;
    List<Optional<String>> classes =
        files.stream()
            .map(file -> file.substring(start))
            .map(
                file ->
                    file.contains("/")
                        ? Optional.of(file.substring(0, file.indexOf('/')))
                        : Optional.<String>empty())
            .toList();
    long without = classes.stream().filter(Optional::isEmpty).count();
    if (without != 0 && without != files.size()) {
      int stray = classes.indexOf(Optional.<String>empty());
      throw new DataException(
          "%s: %d of %d pictures, such as %s, lie beside the folders of classes: move them into one"
              .formatted(source.place(), without, files.size(), files.get(stray)));
    }
    return classes;
  }

  /** Puts one picture where it belongs; false if it was skipped. */
  private boolean place(String file, byte[] pixels, int start) {
    try {
      Picture picture = Picture.decode(source.read(file));
      byte[] shown = picture.onWhite();
      Resampler resampler = new Resampler(picture.height(), picture.width(), side);
      if (planes == 1) {
        toGrey(shown);
      }
      for (int c = 0; c < planes; c++) {
        resampler.resample(
            shown, c * picture.height() * picture.width(), pixels, start + c * side * side);
      }
      return true;
    } catch (UnusablePicture e) {
      skipped.add("%s: %s".formatted(file, e.getMessage()));
    } catch (IOException e) {
      skipped.add("%s: %s".formatted(file, FileProblem.reason(e)));
    }
    return false;
  }

  /** Puts the luma into the first plane. */
  private static void toGrey(byte[] planes) {
    int plane = planes.length / 3;
    for (int i = 0; i < plane; i++) {
      planes[i] =
          Fit.luma(planes[i] & 0xff, planes[plane + i] & 0xff, planes[2 * plane + i] & 0xff);
    }
  }

  private boolean isGrey(byte[] pixels, int count) {
    int plane = side * side;
    for (int i = 0; i < count; i++) {
      int red = 3 * i * plane;
      if (!Arrays.equals(pixels, red, red + plane, pixels, red + plane, red + 2 * plane)
          || !Arrays.equals(pixels, red, red + plane, pixels, red + 2 * plane, red + 3 * plane)) {
        return false;
      }
    }
    return true;
  }

  private byte[] firstPlanes(byte[] pixels, int count) {
    int plane = side * side;
    byte[] planes = new byte[count * plane];
    for (int i = 0; i < count; i++) {
      System.arraycopy(pixels, 3 * i * plane, planes, i * plane, plane);
    }
    return planes;
  }

  private ImageSet labelled(String name, int channels, byte[] pixels, List<Optional<String>> used) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    used.stream().flatMap(Optional::stream).forEach(kind -> counts.merge(kind, 1, Integer::sum));
    List<String> classes = List.copyOf(counts.keySet());
    int[] labels =
        used.stream()
            .flatMap(Optional::stream)
            .mapToInt(kind -> Collections.binarySearch(classes, kind))
            .toArray();
    warnOfLoneImages(name, counts);
    return new ImageSet(name, channels, side, side, pixels, labels, classes);
  }

  private void warnOfLoneImages(String name, SortedMap<String, Integer> counts) {
    List<String> lone = counts.keySet().stream().filter(kind -> counts.get(kind) == 1).toList();
    if (!lone.isEmpty()) {
      options
          .log()
          .accept(
              "%s: %d of %d classes have a single image, which a network can only repeat: %s"
                  .formatted(name, lone.size(), counts.size(), listed(lone)));
    }
  }

  private void reportSkipped(String name, int files) {
    if (!skipped.isEmpty()) {
      options.log().accept("%s: skipped %d of %d pictures".formatted(name, skipped.size(), files));
      skipped.stream().limit(MOST_LISTED).forEach(line -> options.log().accept("  " + line));
      if (skipped.size() > MOST_LISTED) {
        options.log().accept("  and %d more".formatted(skipped.size() - MOST_LISTED));
      }
    }
  }

  private static String listed(Collection<String> names) {
    String first = String.join(", ", names.stream().limit(MOST_LISTED).toList());
    return names.size() > MOST_LISTED
        ? first + ", and %d more".formatted(names.size() - MOST_LISTED)
        : first;
  }
}
