package dev.djinn.watch;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * {@code log.csv} as it grows: each byte is read once, and rows are kept as means and extremes over
 * stretches of equally many, so that a run of a million rows is as light as one of a thousand. A
 * row that is not whole yet waits for its end; a log that a resumed run has written anew is read
 * anew.
 */
final class LogSeries {
  /** Stretches at most; when there are more, two become one. */
  static final int MOST = 1200;

  private static final int CHUNK = 1 << 16;
  private static final int LONGEST_LINE = 1 << 14;

  /** Sums and extremes over some rows, a value a column. */
  private static final class Stretch {
    private final double[] sum;
    private final double[] least;
    private final double[] greatest;
    private int rows;

    Stretch(int columns) {
      sum = new double[columns];
      least = new double[columns];
      greatest = new double[columns];
    }

    void add(double[] values) {
      for (int i = 0; i < values.length; i++) {
        sum[i] += values[i];
        least[i] = rows == 0 ? values[i] : Math.min(least[i], values[i]);
        greatest[i] = rows == 0 ? values[i] : Math.max(greatest[i], values[i]);
      }
      rows++;
    }

    void add(Stretch other) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += other.sum[i];
        least[i] = Math.min(least[i], other.least[i]);
        greatest[i] = Math.max(greatest[i], other.greatest[i]);
      }
      rows += other.rows;
    }
  }

  private final Path file;
  private final StringBuilder rest = new StringBuilder();
  private final List<Stretch> stretches = new ArrayList<>();
  private List<String> columns = List.of();
  private double[] newest = new double[0];
  private Object key;
  private long read;
  private int rowsEach = 1;
  private long rows;
  private long unreadable;
  private int generation;

  LogSeries(Path file) {
    this.file = file;
  }

  /** Reads what has been written since the last time. */
  synchronized void update() throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      if (read > 0) {
        clear(null);
      }
      return;
    }
    if (!Objects.equals(key, attributes.fileKey()) || attributes.size() < read) {
      clear(attributes.fileKey());
    }
    if (attributes.size() == read) {
      return;
    }
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(read);
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      while (channel.read(buffer) > 0) {
        read += buffer.position();
        take(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
        buffer.clear();
      }
    }
  }

  private void clear(Object newKey) {
    key = newKey;
    read = 0;
    rows = 0;
    unreadable = 0;
    rowsEach = 1;
    generation++;
    rest.setLength(0);
    columns = List.of();
    newest = new double[0];
    stretches.clear();
  }

  private void take(String text) {
    rest.append(text);
    int from = 0;
    for (int end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
      line(rest.substring(from, end).strip());
      from = end + 1;
    }
    rest.delete(0, from);
    if (rest.length() > LONGEST_LINE) {
      rest.setLength(0);
      unreadable++;
    }
  }

  private void line(String line) {
    String[] cells = line.split(",", -1);
    if (columns.isEmpty()) {
      columns = List.of(cells);
      return;
    }
    double[] values = new double[cells.length];
    try {
      for (int i = 0; i < cells.length; i++) {
        values[i] = Double.parseDouble(cells[i]);
      }
    } catch (NumberFormatException e) {
      unreadable++;
      return;
    }
    if (cells.length != columns.size()) {
      unreadable++;
      return;
    }
    newest = values;
    rows++;
    if (stretches.isEmpty() || stretches.get(stretches.size() - 1).rows == rowsEach) {
      if (stretches.size() == MOST) {
        halve();
      }
      stretches.add(new Stretch(values.length));
    }
    stretches.get(stretches.size() - 1).add(values);
  }

  /** The newest row's value, or a default if there is none. */
  synchronized double newest(String column, double otherwise) {
    int at = columns.indexOf(column);
    return at < 0 || at >= newest.length ? otherwise : newest[at];
  }

  /**
   * What has come since a page last asked: columns, and for each stretch {@code [mean, least,
   * greatest]} a column, one after the other. The first of them replaces the page's last, which may
   * have grown.
   *
   * @param known the generation that the page has; of another it gets all
   * @param has how many stretches it has
   */
  synchronized JsonObject since(int known, int has) {
    int from = known == generation ? Math.max(0, Math.min(has, stretches.size()) - 1) : 0;
    JsonObject object = new JsonObject();
    object.addProperty("generation", generation);
    object.addProperty("from", from);
    object.addProperty("rows", rows);
    object.addProperty("unreadable", unreadable);
    JsonArray names = new JsonArray();
    columns.forEach(names::add);
    object.add("columns", names);
    JsonArray all = new JsonArray();
    for (Stretch stretch : stretches.subList(from, stretches.size())) {
      JsonArray values = new JsonArray();
      for (int i = 0; i < stretch.sum.length; i++) {
        add(values, stretch.sum[i] / stretch.rows);
        add(values, stretch.least[i]);
        add(values, stretch.greatest[i]);
      }
      all.add(values);
    }
    object.add("stretches", all);
    return object;
  }

  /** Seven digits are more than a screen has pixels; steps stay whole. JSON has no infinities. */
  private static void add(JsonArray values, double value) {
    if (!Double.isFinite(value)) {
      values.add((String) null);
    } else if (value == Math.rint(value)) {
      values.add((long) value);
    } else {
      values.add(Float.valueOf((float) value));
    }
  }

  private void halve() {
    List<Stretch> wider = new ArrayList<>();
    for (int i = 0; i < stretches.size(); i += 2) {
      Stretch one = stretches.get(i);
      one.add(stretches.get(i + 1));
      wider.add(one);
    }
    stretches.clear();
    stretches.addAll(wider);
    rowsEach *= 2;
    generation++;
  }
}
