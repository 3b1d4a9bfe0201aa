package dev.djinn.trainer.cli;

import dev.djinn.data.DataOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say how data is found and what is made of it. */
public final class DataChoices {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Look here first for the files of a known set.")
  private Path folder;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "Bring every image to this height and width, 28 to 128.")
  private Integer imageSize;

  @Option(
      names = "--colour",
      paramLabel = "COLOUR",
      description = "as_found, grey or rgb. Default: as_found.")
  private DataOptions.Colour colour = DataOptions.Colour.AS_FOUND;

  private Map<String, String> remembered = Map.of();

  /**
   * Takes what a run remembers where nothing else was chosen.
   *
   * @param remembered by option name
   */
  public void restore(Map<String, String> remembered) {
    this.remembered = Map.copyOf(remembered);
  }

  /**
   * The choices as the data package takes them.
   *
   * @return options
   */
  public DataOptions options() {
    return options(false);
  }

  /**
   * The choices as the data package takes them.
   *
   * @param unconditional whether labels are not wanted, so that the data may have unusable ones
   * @return options
   */
  public DataOptions options(boolean unconditional) {
    Map<String, String> all = new LinkedHashMap<>(remembered);
    all.putAll(chosen());
    return DataOptions.of(all)
        .withLabels(unconditional ? DataOptions.Labels.IF_USABLE : DataOptions.Labels.AS_FOUND);
  }

  /**
   * What was chosen, by option name, as {@link DataOptions#of} understands it.
   *
   * @return without what was not chosen
   */
  public Map<String, String> chosen() {
    Map<String, String> chosen = new LinkedHashMap<>();
    if (folder != null) {
      chosen.put("data-dir", folder.toAbsolutePath().normalize().toString());
    }
    if (imageSize != null) {
      chosen.put("image-size", imageSize.toString());
    }
    if (colour != DataOptions.Colour.AS_FOUND) {
      chosen.put("colour", colour.name().toLowerCase(Locale.ROOT));
    }
    return chosen;
  }
}
