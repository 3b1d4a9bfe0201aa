package dev.djinn.network;

import dev.djinn.names.Names;
import java.util.Arrays;
import java.util.List;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Changes of single values, as {@code --set} makes them. */
final class YamlEdit {
  private YamlEdit() {}

  /** Replaces or adds a value below a node, by its dotted path. */
  static void set(Node node, String key, String value) {
    String[] parts = key.split("\\.", -1);
    if (List.of(parts).contains("")) {
      throw new NetworkException(YamlText.SET + key + "=" + value + ": a part of the key is empty");
    }
    Node replacement = compose(key, value);
    Node at = node;
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      if (at instanceof MappingNode mapping) {
        int found = YamlText.index(mapping, parts[i]);
        if (last) {
          if (found >= 0) {
            NodeTuple old = mapping.getValue().get(found);
            mapping.getValue().set(found, new NodeTuple(old.getKeyNode(), replacement));
          } else {
            Node added = compose(key, parts[i]);
            if (!(added instanceof ScalarNode)) {
              throw new NetworkException(
                  YamlText.SET + key + ": '" + parts[i] + "' is no name of a setting");
            }
            mapping.getValue().add(new NodeTuple(added, replacement));
          }
          return;
        }
        if (found < 0) {
          throw new NetworkException(
              YamlText.SET + key + ": " + Names.unknown("key", parts[i], YamlText.names(mapping)));
        }
        at = mapping.getValue().get(found).getValueNode();
      } else if (at instanceof SequenceNode sequence && parts[i].matches("[0-9]{1,4}")) {
        int position = Integer.parseInt(parts[i]);
        if (position >= sequence.getValue().size()) {
          throw new NetworkException(
              YamlText.SET + key + ": the list has " + sequence.getValue().size() + " entries");
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
        throw new NetworkException(
            "%s%s: %s is a %s and has no '%s'"
                .formatted(
                    YamlText.SET,
                    key,
                    String.join(".", Arrays.copyOf(parts, i)),
                    at instanceof SequenceNode
                        ? "list, whose entries count from 0,"
                        : "single value",
                    parts[i]));
      }
    }
  }

  /** What {@code --set} was given, so that complaints about it name the option, not the file. */
  private static Node compose(String key, String text) {
    String option = YamlText.SET + key;
    try {
      Node node =
          YamlText.composed(option, text)
              .orElseThrow(() -> new NetworkException(option + "= has no value"));
      YamlText.checkKeys(option, node);
      return node;
    } catch (MarkedYamlEngineException e) {
      throw new NetworkException(option + "=" + text + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new NetworkException(
          option + "=" + text + ": not YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
  }
}
