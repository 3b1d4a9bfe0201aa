package dev.djinn.trainer;

import dev.djinn.data.ImageSet;
import dev.djinn.network.NetworkException;
import dev.djinn.run.Preset;
import dev.djinn.run.Presets;
import dev.djinn.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings for pictures: networks take their size and colours, unless told otherwise. */
final class PictureSettings {
  private static final String SIDE = "image.side";
  private static final String HEIGHT = "image.height";
  private static final String WIDTH = "image.width";

  private PictureSettings() {}

  /**
   * Resolves a recipe.
   *
   * @param recipe a preset or a file
   * @param changes values to set first
   * @param images the pictures
   * @throws NetworkException if the recipe or a change is wrong; if it is only the pictures' shape
   *     that the networks cannot take, it names the presets that can
   */
  static Settings of(Preset recipe, Map<String, String> changes, ImageSet images) {
    int classes = images.classes().size();
    Map<String, String> shape = shape(images, changes);
    Map<String, String> all = new LinkedHashMap<>(changes);
    all.putAll(shape);
    try {
      return recipe.settings(all, classes);
    } catch (NetworkException e) {
      if (shape.isEmpty() || !works(recipe, changes, classes)) {
        throw e;
      }
      List<String> able =
          Presets.names().stream()
              .filter(name -> works(Presets.open(name), shape, classes))
              .toList();
      throw new NetworkException(
          "%s; for pictures of %d×%d%s bring them to another size with --image-size"
              .formatted(
                  e.getMessage(),
                  images.width(),
                  images.height(),
                  able.isEmpty() ? "" : " take " + String.join(", ", able) + ", or"));
    }
  }

  private static boolean works(Preset recipe, Map<String, String> changes, int classes) {
    try {
      recipe.settings(changes, classes);
      return true;
    } catch (NetworkException e) {
      return false;
    }
  }

  /** What the pictures say and the changes do not. */
  private static Map<String, String> shape(ImageSet images, Map<String, String> changes) {
    Map<String, String> shape = new LinkedHashMap<>();
    if (!changes.containsKey(SIDE) && !changes.containsKey(HEIGHT) && !changes.containsKey(WIDTH)) {
      if (images.height() == images.width()) {
        shape.put(SIDE, Integer.toString(images.height()));
      } else {
        shape.put(HEIGHT, Integer.toString(images.height()));
        shape.put(WIDTH, Integer.toString(images.width()));
      }
    }
    if (!changes.containsKey("image.channels")) {
      shape.put("image.channels", Integer.toString(images.channels()));
    }
    return shape;
  }
}
