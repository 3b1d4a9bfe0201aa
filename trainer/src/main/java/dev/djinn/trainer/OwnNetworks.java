package dev.djinn.trainer;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.djinn.data.ImageSet;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkFile;
import dev.djinn.network.OwnBlock;
import dev.djinn.network.YamlOutput;
import dev.djinn.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Somebody's own blocks in the place of a recipe's networks. */
final class OwnNetworks {
  private static final String LAYERS = ".layers";

  private final Block generator;
  private final Layer.Own discriminator;

  OwnNetworks(Block generator, Block discriminator, ImageSet images) {
    this.generator = generator;
    Shape picture = new Shape(images.channels(), images.height(), images.width());
    this.discriminator = OwnBlock.describe("discriminator", discriminator, picture);
  }

  /**
   * Puts them into a recipe, which is then checked as any other.
   *
   * @param recipe gives settings for changes
   * @param changes others
   */
  Settings in(Function<Map<String, String>, Settings> recipe, Map<String, String> changes) {
    Map<String, String> all = new LinkedHashMap<>(changes);
    all.put("discriminator" + LAYERS, YamlOutput.line(NetworkFile.write(List.of(discriminator))));
    // How long latents are is known only then: for now it makes whatever pictures are.
    all.put(
        "generator" + LAYERS,
        "[{block: {kind: any, shape: [channels, height, width], labels: false, arrays: []}}]");
    Shape latent = new Shape(recipe.apply(all).latent().size());
    Layer.Own draws = OwnBlock.describe("generator", generator, latent);
    all.put("generator" + LAYERS, YamlOutput.line(NetworkFile.write(List.of(draws))));
    Settings settings = recipe.apply(all);
    return settings.withNetworks(
        of(settings.generator().network(), draws),
        of(settings.discriminator().network(), discriminator));
  }

  private static Network of(Network described, Layer.Own layer) {
    return new Network(described.name(), described.input(), described.classes(), List.of(layer));
  }
}
