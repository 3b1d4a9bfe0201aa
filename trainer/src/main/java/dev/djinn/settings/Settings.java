package dev.djinn.settings;

import dev.djinn.data.DataOptions;
import dev.djinn.data.ImageSize;
import dev.djinn.data.Transparency;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkFile;
import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
 * @param from the run whose networks it starts from, empty if from nothing
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
    Player discriminator,
    Optional<String> from) {

  /**
   * The pictures.
   *
   * @param height rows
   * @param width columns
   * @param channels 1 for grey, 3 for colour, 4 for colour and alpha; what the networks see of
   *     these is premultiplied
   * @param low value of a black or clear pixel in the networks: −1 or 0
   */
  public record Image(int height, int width, int channels, int low) {
    /** The names of the sizes in files. */
    private static final String SIDE = "side";

    private static final String HEIGHT = "height";
    private static final String WIDTH = "width";

    /** {@code side} is height and width where those are not stated. */
    static Image read(YamlCursor at) {
      Optional<YamlCursor> side = at.find(SIDE);
      Optional<YamlCursor> height = at.find(HEIGHT).or(() -> side);
      Optional<YamlCursor> width = at.find(WIDTH).or(() -> side);
      if (height.isEmpty() || width.isEmpty()) {
        throw at.failure("give side, or height and width");
      }
      Image image =
          new Image(
              (int) height.get().integer(4, 1024),
              (int) width.get().integer(4, 1024),
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

    /** {@return channels × height × width} */
    public int values() {
      return channels * height * width;
    }

    /**
     * How the pictures of a run are found again: in the size that they had, also where they were
     * not asked for in it and another one is usual by now.
     *
     * @param options how they were found, as {@link DataOptions#of} takes them
     * @return the same with a size, unless it is one that only arrays have of themselves
     */
    public Map<String, String> toOptions(Map<String, String> options) {
      Map<String, String> sized = new LinkedHashMap<>(options);
      ImageSize size = new ImageSize(width, height);
      if (size.canBeAskedFor()) {
        sized.putIfAbsent("image-size", size.option());
      }
      return sized;
    }

    /** {@return whether the last channel is alpha} */
    public boolean hasAlpha() {
      return channels == Transparency.CHANNELS;
    }

    /** {@return whether the pictures are as high as wide} */
    boolean square() {
      return height == width;
    }

    Map<String, Object> write() {
      Map<String, Object> map = new LinkedHashMap<>();
      if (height == width) {
        map.put(SIDE, height);
      } else {
        map.put(HEIGHT, height);
        map.put(WIDTH, width);
      }
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
   * @param freeze its first so many layers learn nothing (FreezeD, Mo et al. 2020)
   */
  public record Player(Network network, OptimizerSpec optimizer, int freeze) {
    Map<String, Object> write() {
      Map<String, Object> map = new LinkedHashMap<>();
      optimizer.write(map);
      if (freeze > 0) {
        map.put("freeze", freeze);
      }
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
   * Returns these with somebody's own blocks as networks.
   *
   * @param draws the generator
   * @param judges the discriminator
   */
  public Settings withNetworks(Network draws, Network judges) {
    return new Settings(
        name,
        summary,
        image,
        latent,
        classes,
        batch,
        length,
        rules,
        recording,
        seed,
        new Player(draws, generator.optimizer, generator.freeze),
        new Player(judges, discriminator.optimizer, discriminator.freeze),
        from);
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
