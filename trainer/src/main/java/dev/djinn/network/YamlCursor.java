package dev.djinn.network;

import dev.djinn.names.Names;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
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
  private static final String SET = "--set ";

  /** No network nests like this. */
  private static final int DEEPEST = 100;

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
    try {
      Optional<Node> root = composed(source, text);
      if (root.isEmpty() || !(root.get() instanceof MappingNode)) {
        throw new NetworkException(source + ": expected 'key: value' lines, found none");
      }
      return new YamlCursor(source, "", root.get()).checkKeys(root.get());
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      throw new NetworkException(source + line + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new NetworkException(
          source + ": not YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
  }

  /**
   * Replaces or adds a value.
   *
   * @param key dotted path; a number steps into a list: {@code generator.layers.0.dense.units}
   * @param value YAML text of the new value
   */
  public void set(String key, String value) {
    String[] parts = key.split("\\.", -1);
    if (List.of(parts).contains("")) {
      throw new NetworkException(SET + key + "=" + value + ": a part of the key is empty");
    }
    Node replacement = compose(key, value);
    Node at = node;
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      if (at instanceof MappingNode mapping) {
        int found = index(mapping, parts[i]);
        if (last) {
          if (found >= 0) {
            NodeTuple old = mapping.getValue().get(found);
            mapping.getValue().set(found, new NodeTuple(old.getKeyNode(), replacement));
          } else {
            Node added = compose(key, parts[i]);
            if (!(added instanceof ScalarNode)) {
              throw new NetworkException(
                  SET + key + ": '" + parts[i] + "' is no name of a setting");
            }
            mapping.getValue().add(new NodeTuple(added, replacement));
          }
          return;
        }
        if (found < 0) {
          throw new NetworkException(
              SET + key + ": " + Names.unknown("key", parts[i], names(mapping)));
        }
        at = mapping.getValue().get(found).getValueNode();
      } else if (at instanceof SequenceNode sequence && parts[i].matches("[0-9]{1,4}")) {
        int position = Integer.parseInt(parts[i]);
        if (position >= sequence.getValue().size()) {
          throw new NetworkException(
              "--set " + key + ": the list has " + sequence.getValue().size() + " entries");
        }
        if (last) {
          sequence.getValue().set(position, replacement);
          return;
        }
        at = sequence.getValue().get(position);
        // A layer without settings is its bare name: give it room for the one to be set.
        if (at instanceof ScalarNode bare && bare.getValue().equals(parts[i + 1])) {
          at = compose(key, bare.getValue() + ": {}");
          sequence.getValue().set(position, at);
        }
      } else {
        throw new NetworkException("--set " + key + ": '" + parts[i] + "' is not inside a mapping");
      }
    }
  }

  /** The parser takes any nesting; what is made of it, and what walks it, has a stack that ends. */
  private static Optional<Node> composed(String label, String text) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(label).setMaxAliasesForCollections(0).build();
    int depth = 0;
    for (Event event : new Parse(settings).parseReader(new StringReader(text))) {
      if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
        String line =
            label.startsWith(SET)
                ? ""
                : event.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
        throw new NetworkException(
            label + line + ": lists and maps are nested more than " + DEEPEST + " deep");
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
    return new Compose(settings).composeReader(new StringReader(text));
  }

  /** What {@code --set} was given, so that complaints about it name the option, not the file. */
  private static Node compose(String key, String text) {
    String option = SET + key;
    try {
      Node node =
          composed(option, text).orElseThrow(() -> new NetworkException(option + "= has no value"));
      new YamlCursor(option, "", node).checkKeys(node);
      return node;
    } catch (MarkedYamlEngineException e) {
      throw new NetworkException(option + "=" + text + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new NetworkException(
          option + "=" + text + ": not YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
  }

  /**
   * Refuses what no key can find: the parser takes a repeated key, of which only the first counts,
   * and lists and mappings as keys.
   */
  private YamlCursor checkKeys(Node at) {
    if (at instanceof SequenceNode sequence) {
      sequence.getValue().forEach(this::checkKeys);
    } else if (at instanceof MappingNode mapping) {
      Map<String, Node> seen = new HashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        Node key = tuple.getKeyNode();
        if (!(key instanceof ScalarNode name)) {
          throw new NetworkException(
              place(key) + ": expected a name before ':', got a list or map");
        }
        Node first = seen.putIfAbsent(name.getValue(), key);
        if (first != null) {
          throw new NetworkException(
              place(key) + ": '" + name.getValue() + "' is given twice, first at " + place(first));
        }
        checkKeys(tuple.getValueNode());
      }
    }
    return this;
  }

  /**
   * Removes a value of this mapping, if it is there.
   *
   * @param key its key
   */
  public void remove(String key) {
    if (node instanceof MappingNode mapping && index(mapping, key) >= 0) {
      mapping.getValue().remove(index(mapping, key));
    }
  }

  private static List<String> names(MappingNode mapping) {
    return mapping.getValue().stream()
        .map(tuple -> ((ScalarNode) tuple.getKeyNode()).getValue())
        .toList();
  }

  private static int index(MappingNode mapping, String key) {
    for (int i = 0; i < mapping.getValue().size(); i++) {
      if (mapping.getValue().get(i).getKeyNode() instanceof ScalarNode scalar
          && scalar.getValue().equals(key)) {
        return i;
      }
    }
    return -1;
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
    int found = index(mapping, key);
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
    List<String> keys = names(mapping);
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
              place(tuple.getKeyNode()) + ": " + Names.unknown("key", key, read));
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
    String place = place(node);
    boolean named = path.isEmpty() || place.equals(SET + path);
    return new NetworkException(place + ": " + (named ? "" : path + ": ") + what);
  }

  /** The file and line, or the option that a value was set by. */
  private String place(Node where) {
    return where
        .getStartMark()
        .map(
            mark ->
                mark.getName().startsWith(SET)
                    ? mark.getName()
                    : source + ":" + (mark.getLine() + 1))
        .orElse(source);
  }
}
