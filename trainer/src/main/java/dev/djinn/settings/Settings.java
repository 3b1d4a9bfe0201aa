package dev.djinn.settings;

import dev.djinn.network.Network;
import dev.djinn.network.NetworkFile;
import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything that decides what a run computes, apart from the data. Immutable; read from presets
 * and run folders by {@link SettingsFile}, each part by itself.
 *
 * @param name the preset's name
 * @param summary one line about it
 * @param image the pictures it works on
 * @param latent the generator's input
 * @param classes number of label classes, 0 if unconditional
 * @param batch pictures in a batch
 * @param length how long it trains
 * @param rules what the networks learn from each other, and when
 * @param recording what is written down, and how often
 * @param seed of initial weights, latents, labels, dropout and data order
 * @param generator draws pictures
 * @param discriminator tells them from real ones
 */
public record Settings(
    String name,
    String summary,
    Image image,
    LatentSpec latent,
    int classes,
    int batch,
    Interval length,
    Rules rules,
    Recording recording,
    long seed,
    Player generator,
    Player discriminator) {

  /**
   * The pictures.
   *
   * @param side height and width
   * @param channels 1 for grey, 3 for colour
   * @param low value of a black pixel in the networks: −1 or 0
   */
  public record Image(int side, int channels, int low) {
    static Image read(YamlCursor at) {
      Image image =
          new Image(
              (int) at.get("side").integer(4, 1024),
              (int) at.get("channels").integer(1, 4),
              at.get("pixels").text().equals("0..1") ? 0 : low(at.get("pixels")));
      at.rejectUnread();
      return image;
    }

    private static int low(YamlCursor pixels) {
      if (!pixels.text().equals("-1..1")) {
        throw pixels.failure("expected -1..1 or 0..1, got '" + pixels.text() + "'");
      }
      return -1;
    }

    Map<String, Object> write() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("side", side);
      map.put("channels", channels);
      map.put("pixels", low == 0 ? "0..1" : "-1..1");
      return map;
    }
  }

  /**
   * One of the two: a network and what moves it.
   *
   * @param network its layers
   * @param optimizer how its weights follow their gradients
   */
  public record Player(Network network, OptimizerSpec optimizer) {
    Map<String, Object> write() {
      Map<String, Object> map = new LinkedHashMap<>();
      optimizer.write(map);
      map.put("layers", NetworkFile.write(network.layers()));
      return map;
    }
  }

  /**
   * Every number that may change as training goes on.
   *
   * @return one course a number
   */
  Stream<Course> courses() {
    return Stream.concat(
        rules.courses(),
        Stream.of(generator, discriminator).flatMap(player -> player.optimizer().courses()));
  }

  /**
   * Whether the networks see labels.
   *
   * @return true if there are classes
   */
  public boolean conditional() {
    return classes > 0;
  }
}
