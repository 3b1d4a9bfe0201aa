package dev.djinn.trainer.sweep;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A setting and the values that it is to be tried with.
 *
 * @param key dotted, as {@code --set} takes it
 * @param values as a file has them, at least one, all different
 */
public record Vary(String key, List<String> values) {
  /** Checks both. */
  public Vary {
    values = List.copyOf(values);
    if (key.isBlank() || values.isEmpty() || values.contains("")) {
      throw new IllegalArgumentException(
          "--vary %s=%s: give a setting and values such as generator.rate=2e-3,4e-3"
              .formatted(key, String.join(",", values)));
    }
    if (new HashSet<>(values).size() < values.size()) {
      throw new IllegalArgumentException("--vary %s: a value is there twice".formatted(key));
    }
    if (key.equals("seed") || key.equals("steps") || key.equals("epochs")) {
      throw new IllegalArgumentException(
          "--vary %s: a sweep sees to it itself; give --seeds or --set steps=N".formatted(key));
    }
  }

  /**
   * Reads {@code key=value,value}; commas within brackets belong to a value.
   *
   * @param text as the command line has it
   * @throws IllegalArgumentException if it is not of this form
   */
  public static Vary parse(String text) {
    int sign = text.indexOf('=');
    if (sign < 1) {
      throw new IllegalArgumentException(
          "--vary " + text + ": give a setting and values, such as generator.rate=2e-3,4e-3");
    }
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    int depth = 0;
    for (char c : text.substring(sign + 1).toCharArray()) {
      depth += "[{(".indexOf(c) >= 0 ? 1 : "]})".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        values.add(value.toString().strip());
        value.setLength(0);
      } else {
        value.append(c);
      }
    }
    values.add(value.toString().strip());
    return new Vary(text.substring(0, sign), values);
  }
}
