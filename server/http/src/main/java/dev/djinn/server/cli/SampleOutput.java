package dev.djinn.server.cli;

import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.Npy;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import dev.djinn.sampler.Samples;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Takes samples in order and writes them. The target appears under its name when {@link #finish}
 * returns, complete; if closed before, nothing is left.
 */
abstract sealed class SampleOutput implements Closeable {
  private static final int RATE = 12;

  private final UnfinishedFile file;

  private SampleOutput(UnfinishedFile file) {
    this.file = file;
  }

  /**
   * How samples are laid out.
   *
   * @param first number of the first one
   * @param columns of a grid; null for a nearly square one
   * @param rate of a film in pictures a second; null for the usual one
   */
  record Layout(long first, Integer columns, Integer rate) {}

  /** What is written, by the target's name. */
  private enum Kind {
    PNG,
    NPY,
    GIF,
    APNG,
    FOLDER;

    static Kind of(String target) {
      String name = Path.of(target).toAbsolutePath().normalize().toFile().getName();
      int dot = name.lastIndexOf('.');
      String ending = dot <= 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
      if (target.endsWith("/") || ending.isEmpty()) {
        return FOLDER;
      }
      return switch (ending) {
        case "png" -> PNG;
        case "npy" -> NPY;
        case "gif" -> GIF;
        case "apng" -> APNG;
        default ->
            throw unusable(
                target, "it ends in none of .png, .npy, .gif, .apng, and a folder's name in /");
      };
    }
  }

  /** Refuses a target that could not be written, before anything is drawn. */
  static void check(String target) {
    Kind kind = Kind.of(target);
    Path path = Path.of(target).toAbsolutePath();
    Path parent = path.getParent();
    for (Path above = parent; above != null; above = above.getParent()) {
      if (Files.exists(above) && !Files.isDirectory(above)) {
        throw unusable(target, above + " is a file, a folder is needed");
      }
    }
    if (parent == null || !Files.isDirectory(parent)) {
      throw unusable(target, "folder " + parent + " does not exist");
    }
    if (kind != Kind.FOLDER && Files.isDirectory(path)) {
      throw unusable(target, "it is a folder");
    }
    if (kind == Kind.FOLDER && Files.exists(path) && !isEmptyFolder(path)) {
      throw unusable(target, "it exists and is not an empty folder");
    }
  }

  /** Begins to write. */
  static SampleOutput of(String target, Image shape, int count, Layout layout) throws IOException {
    Kind kind = Kind.of(target);
    boolean film = kind == Kind.GIF || kind == Kind.APNG;
    Integer columns = layout.columns();
    Integer rate = layout.rate();
    if (rate != null && (!film || rate < 1 || rate > 50)) {
      throw unusable(target, "--fps " + rate + " needs a .gif or .apng and must be from 1 to 50");
    }
    if (columns != null && (columns < 1 || kind != Kind.PNG)) {
      throw unusable(target, "--columns " + columns + " needs a .png and must be at least 1");
    }
    if (kind == Kind.PNG && (long) count * shape.size() > Grid.MOST) {
      throw unusable(
          target, count + " samples are too many for one picture: take .npy or a folder");
    }
    Path path = Path.of(target);
    UnfinishedFile file =
        kind == Kind.FOLDER ? UnfinishedFile.folder(path) : UnfinishedFile.file(path);
    try {
      return switch (kind) {
        case PNG -> new Grid(file, shape, count, columns);
        case NPY -> new Array(file, shape, count);
        case GIF -> new Film(file, new GifFilm(file.path(), rate == null ? RATE : rate));
        case APNG -> new Film(file, new PngFilm(file.path(), rate == null ? RATE : rate, count));
        case FOLDER -> new Folder(file, layout.first());
      };
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  abstract void add(Samples part) throws IOException;

  /** Makes the target appear. */
  void finish() throws IOException {
    file.finish();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static boolean isEmptyFolder(Path path) {
    try (Stream<Path> children = Files.list(path)) {
      return children.findAny().isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private static SamplerException unusable(String target, String why) {
    return new SamplerException(Reason.INVALID_REQUEST, "cannot write " + target + ": " + why);
  }

  private static final class Grid extends SampleOutput {
    static final int MOST = 1 << 30;

    private final UnfinishedFile file;
    private final Image shape;
    private final byte[] pixels;
    private final int columns;
    private int at;

    Grid(UnfinishedFile file, Image shape, int count, Integer columns) {
      super(file);
      this.file = file;
      this.shape = shape;
      this.columns = columns == null ? (int) Math.ceil(Math.sqrt(count)) : columns;
      this.pixels = new byte[count * shape.size()];
    }

    @Override
    void add(Samples part) {
      byte[] from = part.pixels();
      System.arraycopy(from, 0, pixels, at, from.length);
      at += from.length;
    }

    @Override
    void finish() throws IOException {
      Files.write(file.path(), Samples.ofPixels(shape, pixels).toGridPng(columns));
      super.finish();
    }
  }

  private static final class Array extends SampleOutput {
    private final OutputStream out;

    Array(UnfinishedFile file, Image shape, int count) throws IOException {
      super(file);
      out = new BufferedOutputStream(Files.newOutputStream(file.path()), 1 << 16);
      out.write(Npy.header(count, shape.height(), shape.width(), shape.channels()));
    }

    @Override
    void add(Samples part) throws IOException {
      out.write(part.pixels());
    }

    @Override
    void finish() throws IOException {
      out.close();
      super.finish();
    }

    @Override
    public void close() throws IOException {
      try {
        out.close(); // Has no effect after finish(); on a full disk it may fail again.
      } finally {
        super.close();
      }
    }
  }

  private static final class Film extends SampleOutput {
    private final FilmFrames frames;

    Film(UnfinishedFile file, FilmFrames frames) {
      super(file);
      this.frames = frames;
    }

    @Override
    void add(Samples part) throws IOException {
      for (int i = 0; i < part.count(); i++) {
        frames.add(part, i);
      }
    }

    @Override
    void finish() throws IOException {
      frames.finish();
      frames.close();
      super.finish();
    }

    @Override
    public void close() throws IOException {
      try {
        frames.close();
      } finally {
        super.close();
      }
    }
  }

  private static final class Folder extends SampleOutput {
    private final UnfinishedFile folder;
    private long number;

    Folder(UnfinishedFile folder, long first) {
      super(folder);
      this.folder = folder;
      this.number = first;
    }

    @Override
    void add(Samples part) throws IOException {
      for (int i = 0; i < part.count(); i++) {
        String name = String.format(Locale.ROOT, "%06d.png", number++);
        Files.write(folder.path().resolve(name), part.toPng(i));
      }
    }
  }
}
