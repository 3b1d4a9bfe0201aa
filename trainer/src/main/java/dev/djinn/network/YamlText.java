package dev.djinn.network;

import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** Text to YAML nodes, with refusals that name the line. */
final class YamlText {
  /** How complaints name what {@code --set} was given, which is no file. */
  static final String SET = "--set ";

  /** No network nests like this. */
  private static final int DEEPEST = 100;

  private YamlText() {}

  /** Parses a file whose root is a mapping. */
  static Node parse(String text, String source) {
    try {
      Optional<Node> root = composed(source, text);
      if (root.isEmpty() || !(root.get() instanceof MappingNode)) {
        throw new NetworkException(source + ": expected 'key: value' lines, found none");
      }
      checkKeys(source, root.get());
      return root.get();
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      throw new NetworkException(source + line + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new NetworkException(
          source + ": not YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
  }

  /** The parser takes any nesting; what is made of it, and what walks it, has a stack that ends. */
  static Optional<Node> composed(String label, String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(label)
            .setMaxAliasesForCollections(0)
            .setAllowNonScalarKeys(true) // refused below, with their line
            .build();
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

  /**
   * Refuses what no key can find: the parser takes a repeated key, of which only the first counts,
   * and lists and mappings as keys.
   */
  static void checkKeys(String source, Node at) {
    if (at instanceof SequenceNode sequence) {
      sequence.getValue().forEach(item -> checkKeys(source, item));
    } else if (at instanceof MappingNode mapping) {
      Map<String, Node> seen = new HashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        Node key = tuple.getKeyNode();
        if (!(key instanceof ScalarNode name)) {
          throw new NetworkException(
              place(source, key) + ": expected a name before ':', got a list or map");
        }
        Node first = seen.putIfAbsent(name.getValue(), key);
        if (first != null) {
          throw new NetworkException(
              place(source, key)
                  + ": '"
                  + name.getValue()
                  + "' is given twice, first at "
                  + place(source, first));
        }
        checkKeys(source, tuple.getValueNode());
      }
    }
  }

  /** The file and line, or the option that a value was set by. */
  static String place(String source, Node where) {
    return where
        .getStartMark()
        .map(
            mark ->
                mark.getName().startsWith(SET)
                    ? mark.getName()
                    : source + ":" + (mark.getLine() + 1))
        .orElse(source);
  }

  static List<String> names(MappingNode mapping) {
    return mapping.getValue().stream()
        .map(tuple -> ((ScalarNode) tuple.getKeyNode()).getValue())
        .toList();
  }

  static int index(MappingNode mapping, String key) {
    for (int i = 0; i < mapping.getValue().size(); i++) {
      if (mapping.getValue().get(i).getKeyNode() instanceof ScalarNode scalar
          && scalar.getValue().equals(key)) {
        return i;
      }
    }
    return -1;
  }
}
