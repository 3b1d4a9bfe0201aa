package dev.djinn.settings;

import dev.djinn.data.ImageSet;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkFile;
import dev.djinn.network.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Settings in words: what {@code --dry-run} prints, and what pages show. */
public final class SettingsTable {
  /** What layers and settings are where nothing is said. */
  private static final Map<String, Object> USUAL =
      Map.of(
          "dilation",
          1,
          "groups",
          1,
          "output-padding",
          0,
          "bias",
          true,
          "spectral-norm",
          false,
          "dark-on-light",
          false,
          "keep-checkpoints",
          3);

  private SettingsTable() {}

  /**
   * Describes a run that has not started.
   *
   * @param settings its settings
   * @param images its data
   * @return lines of text
   */
  public static String describe(Settings settings, ImageSet images) {
    StringBuilder text = new StringBuilder();
    Map<String, Object> map = SettingsFile.write(settings);
    text.append(String.format("%-22s %s%n", "data", images));
    for (Map.Entry<String, Object> entry : map.entrySet()) {
      if (entry.getValue() instanceof Map<?, ?> part && part.containsKey("layers")) {
        part.forEach(
            (key, value) -> {
              if (!key.equals("layers")) {
                text.append(String.format("%-22s %s%n", entry.getKey() + "." + key, value));
              }
            });
      } else if (!entry.getValue().equals(USUAL.get(entry.getKey()))) {
        text.append(String.format("%-22s %s%n", entry.getKey(), entry.getValue()));
      }
    }
    network(text, settings.generator().network());
    network(text, settings.discriminator().network());
    return text.toString();
  }

  private static void network(StringBuilder text, Network network) {
    text.append(String.format("%n%s: input %s%n", network.name(), network.input()));
    List<Object> written = NetworkFile.write(network.layers());
    long total = 0;
    long trained = 0;
    int row = 0;
    for (Network.Step step : network.steps()) {
      long count = 0;
      for (ParameterSpec spec : step.parameters()) {
        count += spec.shape().size();
        trained += spec.trained() ? spec.shape().size() : 0;
      }
      total += count;
      text.append(
          String.format(
              "  %s  %-18s %,12d  %s%n",
              step.at().path(), step.output(), count, plain(written.get(row++))));
    }
    text.append(String.format("  %,d parameters, %,d of them trained%n", total, trained));
  }

  /** What a layer says beyond the usual. */
  private static String plain(Object layer) {
    return told(layer).replaceAll("^\\{|\\}$", "");
  }

  private static String told(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .filter(entry -> !entry.getValue().equals(USUAL.get(entry.getKey())))
          .map(entry -> entry.getKey() + " " + told(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return value instanceof List<?> list
        ? list.stream().map(SettingsTable::told).collect(Collectors.joining(", ", "[", "]"))
        : String.valueOf(value);
  }

  /**
   * Nested settings in the words of the file: {@code dense: units 6272, bias true}, and layers in a
   * layer: {@code residual: body [conv: channels 3, kernel 3; relu]}.
   *
   * @param value a number, a text, or lists and maps of them
   * @return one line
   */
  public static String words(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> parts = new ArrayList<>();
      map.forEach(
          (key, item) -> parts.add(key + (item instanceof Map<?, ?> ? ": " : " ") + words(item)));
      return String.join(", ", parts);
    }
    if (value instanceof List<?> list) {
      boolean nested = list.stream().anyMatch(item -> item instanceof Map<?, ?>);
      return list.stream()
          .map(SettingsTable::words)
          .collect(Collectors.joining(nested ? "; " : ", ", "[", "]"));
    }
    return value.toString();
  }
}
