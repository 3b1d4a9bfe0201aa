package dev.djinn.exporter;

import dev.djinn.network.Network;
import dev.djinn.run.Presets;
import dev.djinn.settings.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generators and discriminators of the presets, against DJL. */
class PresetParityTest {
  static List<String> presets() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void bothNetworksAreTheNetworks(String preset) {
    // Three classes, as many as the comparison draws labels of.
    Settings settings = Presets.settings(preset, Map.of(), 3);
    for (Network network :
        List.of(settings.generator().network(), settings.discriminator().network())) {
      NetworkParity.check(network.input(), network.layers(), 7);
    }
  }
}
