package dev.djinn.trainer.cli;

import dev.djinn.data.DataOptions;
import dev.djinn.data.ImageSize;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say how data is found and what is made of it. */
public final class DataChoices {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Look here first for the files of a known set.")
  private Path folder;

  @Option(
      names = "--image-size",
      paramLabel = "N|WxH",
      converter = Size.class,
      description = "Bring every image to N x N, or to a width and height, as 96x64; 16 to 256.")
  private ImageSize imageSize;

  @Option(
      names = "--fit",
      paramLabel = "FIT",
      description =
          "What becomes of images of another shape: crop takes the largest centred part, pad the"
              + " whole and white around it (clear with rgba), stretch the whole. Default: crop.")
  private DataOptions.Fit fit = DataOptions.Fit.CROP;

  @Option(
      names = "--colour",
      paramLabel = "COLOUR",
      description =
          "as_found, grey, rgb, or rgba, which keeps transparency. Default: as_found, on white.")
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
    chosen.putAll(
        DataOptions.named(new DataOptions.Form(Optional.ofNullable(imageSize), fit, colour)));
    return chosen;
  }

  /** {@code 64} or {@code 96x64}. */
  static final class Size implements ITypeConverter<ImageSize> {
    @Override
    public ImageSize convert(String text) {
      try {
        return ImageSize.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage().replaceFirst("^image size ", ""));
      }
    }
  }
}
