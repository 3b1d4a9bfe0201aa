package dev.djinn.network;

import dev.djinn.names.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A place in a YAML file that knows its path and line, so that every complaint can name them. Reads
 * are typed; keys nobody read are complained about by {@link #rejectUnread}.
 */
public final class YamlCursor {
  private final String source;
  private final String path;
  private final Node node;
  private final Set<String> read = new LinkedHashSet<>();

  private YamlCursor(String source, String path, Node node) {
    this.source = source;
    this.path = path;
    this.node = node;
  }

  /**
   * Parses a file's text.
   *
   * @param text YAML
   * @param source how messages name the file
   * @return a cursor on the root mapping
   * @throws NetworkException if the text is not a YAML mapping, or says something twice
   */
  public static YamlCursor parse(String text, String source) {
    return new YamlCursor(source, "", YamlText.parse(text, source));
  }

  /**
   * Replaces or adds a value.
   *
   * @param key dotted path; a number steps into a list: {@code generator.layers.0.dense.units}
   * @param value YAML text of the new value
   */
  public void set(String key, String value) {
    YamlEdit.set(node, key, value);
  }

  /**
   * Removes a value of this mapping, if it is there.
   *
   * @param key its key
   */
  public void remove(String key) {
    if (node instanceof MappingNode mapping && YamlText.index(mapping, key) >= 0) {
      mapping.getValue().remove(YamlText.index(mapping, key));
    }
  }

  /**
   * Steps to a value of this mapping.
   *
   * @param key its key
   * @return the value's cursor, empty if there is none
   */
  public Optional<YamlCursor> find(String key) {
    if (!(node instanceof MappingNode mapping)) {
      throw failure("expected 'key: value' pairs");
    }
    read.add(key);
    int found = YamlText.index(mapping, key);
    if (found < 0) {
      return Optional.empty();
    }
    Node value = mapping.getValue().get(found).getValueNode();
    return Optional.of(new YamlCursor(source, path.isEmpty() ? key : path + "." + key, value));
  }

  /**
   * Steps to a value that must exist.
   *
   * @param key its key
   * @return the value's cursor
   */
  public YamlCursor get(String key) {
    return find(key).orElseThrow(() -> failure("'" + key + "' is missing"));
  }

  /**
   * The single key of a one-entry mapping, or this scalar itself: {@code relu} and {@code dense:
   * …}.
   *
   * @return the name
   */
  public String onlyKey() {
    if (node instanceof MappingNode mapping
        && mapping.getValue().size() == 1
        && mapping.getValue().get(0).getKeyNode() instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw failure("expected one name, or one 'name: settings' pair");
  }

  /**
   * Whether this is a single value rather than a list or mapping.
   *
   * @return true for a scalar
   */
  public boolean isScalar() {
    return node instanceof ScalarNode;
  }

  /**
   * Whether this is a mapping.
   *
   * @return true for a mapping
   */
  public boolean isMapping() {
    return node instanceof MappingNode;
  }

  /** Whether there is nothing here: {@code relu: {}}, or no more than the colon. */
  boolean isEmpty() {
    return node instanceof MappingNode mapping
        ? mapping.getValue().isEmpty()
        : node instanceof ScalarNode scalar && scalar.getValue().isEmpty();
  }

  /**
   * The entries of a list.
   *
   * @return cursors in order
   */
  public List<YamlCursor> list() {
    if (!(node instanceof SequenceNode sequence)) {
      throw failure("expected a list");
    }
    List<YamlCursor> entries = new ArrayList<>();
    for (Node entry : sequence.getValue()) {
      entries.add(new YamlCursor(source, path + "[" + entries.size() + "]", entry));
    }
    return entries;
  }

  /**
   * The keys of a mapping, in order; they count as read.
   *
   * @return keys
   */
  public List<String> keys() {
    if (!(node instanceof MappingNode mapping)) {
      throw failure("expected 'key: value' pairs");
    }
    List<String> keys = YamlText.names(mapping);
    read.addAll(keys);
    return keys;
  }

  /**
   * This value as text.
   *
   * @return the scalar
   */
  public String text() {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw failure("expected a single value");
  }

  /**
   * This value as a whole number.
   *
   * @param low smallest allowed
   * @param high largest allowed
   * @return the number
   */
  public long integer(long low, long high) {
    long value;
    try {
      value = Long.parseLong(text().replace("_", ""));
    } catch (NumberFormatException e) {
      throw failure("expected a whole number, got '" + text() + "'");
    }
    if (value < low || value > high) {
      throw failure("must be from " + low + " to " + high + ", got " + value);
    }
    return value;
  }

  /**
   * This value as a finite number.
   *
   * @param low smallest allowed
   * @param high largest allowed
   * @return the number
   */
  public double real(double low, double high) {
    double value;
    try {
      value = Double.parseDouble(text());
    } catch (NumberFormatException e) {
      throw failure("expected a number, got '" + text() + "'");
    }
    if (!(value >= low && value <= high)) {
      throw failure("must be from " + low + " to " + high + ", got " + text());
    }
    return value;
  }

  /**
   * This value as true or false.
   *
   * @return the truth value
   */
  public boolean bool() {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw failure("expected true or false, got '" + text() + "'");
    };
  }

  /**
   * This value as a constant, written in lower case with hyphens.
   *
   * @param type the enum
   * @param <E> the enum
   * @return the constant
   */
  public <E extends Enum<E>> E constant(Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (kebab(constant).equals(text())) {
        return constant;
      }
    }
    throw failure(
        Names.unknown(
            "value",
            text(),
            Arrays.stream(type.getEnumConstants()).map(YamlCursor::kebab).toList()));
  }

  /**
   * How a constant is written in files: {@code NON_SATURATING} as {@code non-saturating}.
   *
   * @param constant the constant
   * @return lower case with hyphens
   */
  public static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Complains about the first key of this mapping that nobody has asked for. */
  public void rejectUnread() {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        String key = ((ScalarNode) tuple.getKeyNode()).getValue();
        if (!read.contains(key)) {
          throw new NetworkException(
              YamlText.place(source, tuple.getKeyNode()) + ": " + Names.unknown("key", key, read));
        }
      }
    }
  }

  /**
   * Makes a complaint about this place.
   *
   * @param what what is wrong
   * @return an exception to throw
   */
  public NetworkException failure(String what) {
    String place = YamlText.place(source, node);
    boolean named = path.isEmpty() || place.equals(YamlText.SET + path);
    return new NetworkException(place + ": " + (named ? "" : path + ": ") + what);
  }
}
