package dev.djinn.network;

import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Maps, lists, texts and numbers as YAML. */
public final class YamlOutput {
  private YamlOutput() {}

  /**
   * As files have it.
   *
   * @param value what to write
   * @return lines, those of small lists and maps in brackets
   */
  public static String file(Object value) {
    return dumped(value, FlowStyle.AUTO, 100);
  }

  /**
   * As one line has it, for {@code --set} and the like.
   *
   * @param value what to write
   * @return the line without its end
   */
  public static String line(Object value) {
    return dumped(value, FlowStyle.FLOW, Integer.MAX_VALUE).strip();
  }

  private static String dumped(Object value, FlowStyle style, int width) {
    DumpSettings settings =
        DumpSettings.builder().setDefaultFlowStyle(style).setWidth(width).build();
    return new Dump(settings).dumpToString(value);
  }
}
