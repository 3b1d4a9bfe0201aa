package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

class NetworkFileTest {
  private static final String EVERY_LAYER =
      """
      layers:
        - label-multiply: {init: uniform 0.05}
        - dense: {units: 4*side/2*side/2, bias: false, init: normal 0.02}
        - batch-norm: {momentum: 0.9, epsilon: 1e-5}
        - leaky-relu: 0.2
        - reshape: [4, side/2, -1]
        - deconv: {channels: 6, kernel: 4, stride: 2, groups: 2, spectral-norm: true}
        - relu
        - upsample: 2
        - max-pool: {kernel: 2}
        - label-channel
        - label-one-hot: 2.5
        - residual:
            body:
              - conv: {channels: 3, kernel: 3, init: truncated-normal 0.02, spectral-norm: true}
              - tanh
            shortcut:
              - conv: {channels: 3, kernel: 1, bias: false, init: equalized 1.4142}
        - dropout: 0.25
        - average-pool: {kernel: 2, stride: 1}
        - conv: {channels: channels, kernel: 3, stride: 1, padding: 1, dilation: 1}
        - flatten
        - sigmoid
      """;

  private static Network read(String text) {
    return NetworkFile.read(
        "net",
        new Shape(5),
        10,
        YamlCursor.parse(text, "mine.yaml").get("layers"),
        Map.of("side", 8, "channels", 1, "latent", 5, "classes", 10),
        false);
  }

  @ParameterizedTest
  @CsvSource({"[, ]", "'- ', ''", "{a: , }"})
  void refusesWhatIsNestedDeeperThanAnyNetwork(String open, String close) {
    String deep = open.repeat(5000) + close.repeat(5000);
    NetworkException inFile =
        assertThrows(
            NetworkException.class, () -> YamlCursor.parse("a: 1\nb:\n  " + deep, "mine.yaml"));
    assertEquals("mine.yaml:3: lists and maps are nested more than 100 deep", inFile.getMessage());
    YamlCursor cursor = YamlCursor.parse("a: 1", "mine.yaml");
    NetworkException set = assertThrows(NetworkException.class, () -> cursor.set("a", deep));
    assertEquals("--set a: lists and maps are nested more than 100 deep", set.getMessage());
  }

  @Test
  void readsWhatItWrites() {
    Network network = read(EVERY_LAYER);
    Map<String, Object> written = Map.of("layers", NetworkFile.write(network.layers()));
    String again = new Dump(DumpSettings.builder().build()).dumpToString(written);
    assertEquals(network, read(again));
  }

  @Test
  void sizesFollowTheNames() {
    Network network = read(EVERY_LAYER);
    assertEquals(new Shape(4 * 4 * 4), network.steps().get(1).output());
    assertEquals(new Shape(4, 4, 4), network.steps().get(4).output());
    // 8 × 8 pooled by 2 with step 1 is 7 × 7, flattened.
    assertEquals(new Shape(49), network.output());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dens: {units: 3} | mine.yaml:2: layers[0]: unknown layer 'dens'",
        "dense: {unit: 3} | mine.yaml:2: layers[0].dense: 'units' is missing",
        "dense: {units: 3, bais: true} | mine.yaml:2: unknown key 'bais'",
        "dense: {units: side/3} | mine.yaml:2: layers[0].dense.units: 'side/3': 8 is not a multiple",
        "dense: {units: 0} | mine.yaml:2: layers[0]: dense units cannot be 0",
        "dense: {units: 3, init: normal} | mine.yaml:2: layers[0].dense.init: expected glorot",
        "dense: {units: 3, init: equalized 0} | mine.yaml:2: layers[0]: the gain of equalized",
        "dense: {units: 3, init: normal -0.02}"
            + " | mine.yaml:2: layers[0]: the deviation of normal weights must be 0 or more, got -0.02",
        "dense: {units: 3, init: truncated-normal -1} | mine.yaml:2: layers[0]: the deviation of",
        "dense: {units: 3, init: uniform -1} | mine.yaml:2: layers[0]: the bound of uniform weights",
        "dense: {units: 3, init: normal NaN}"
            + " | mine.yaml:2: layers[0]: init must have a finite number, got NaN",
        "dense: {units: 3, init: constant 1e39} | mine.yaml:2: layers[0]: init must have a finite",
        "upsample: {filter: [1, 2]} | mine.yaml:2: layers[0]: upsample filter must be an odd number",
        "downsample: {filter: [1, 2, 3]} | mine.yaml:2: layers[0]: downsample filter must be an odd",
        "downsample: {filter: [0]} | layers[0]: downsample filter must be",
        "upsample: 0 | mine.yaml:2: layers[0]: upsample scale cannot be 0",
        "basis: {height: 4} | mine.yaml:2: layers[0].basis: 'width' is missing",
        "dense: {units: 3, init: equalized-zero 1, spectral-norm: true}"
            + " | mine.yaml:2: layers[0]: spectral-norm cannot start from a weight of zeros",
        "label-one-hot: 0 | mine.yaml:2: layers[0]: label-one-hot scale cannot be 0",
        "dense: {units: 3, init: constant 0, spectral-norm: true}"
            + " | mine.yaml:2: layers[0]: spectral-norm cannot start from a weight of zeros",
        "dropout: 2 | mine.yaml:2: layers[0].dropout: must be from 0",
        "deconv: {channels: 1, kernel: 4, stride: 2, output-padding: 1}"
            + " | mine.yaml:2: layers[0].deconv.output-padding: padding: same needs 0 here, got 1",
        "deconv: {channels: 1, kernel: 4, stride: 2, padding: same, output-padding: 1}"
            + " | mine.yaml:2: layers[0].deconv.output-padding: padding: same needs 0 here, got 1",
        "deconv: {channels: 1, kernel: 4, stride: 2, init: equalized 1}"
            + " | mine.yaml:2: layers[0]: deconv cannot have init equalized 1.0, only dense and conv",
        "relu: 0.1 | mine.yaml:2: layers[0].relu: relu takes no settings; did you mean leaky-relu?",
        "tanh: {slope: 1} | mine.yaml:2: layers[0].tanh: tanh takes no settings; write '- tanh'",
        "sigmoid: [1] | mine.yaml:2: layers[0].sigmoid: sigmoid takes no settings",
        "flatten: 2 | mine.yaml:2: layers[0].flatten: flatten takes no settings",
        "dense: {units: 3, bias: true, units: 4}"
            + " | mine.yaml:2: 'units' is given twice, first at mine.yaml:2",
        "dense: {[a]: 3} | mine.yaml:2: expected a name before ':', got a list or map",
        "conv: {channels: 1, kernel: 3} | layer 00: conv needs a picture (channels, height, width)",
        "leaky-relu: x | mine.yaml:2: layers[0].leaky-relu: expected a number, got 'x'"
      })
  void namesFileLineAndValueOfAMistake(String layer, String message) {
    NetworkException e =
        assertThrows(NetworkException.class, () -> read("layers:\n  - " + layer + "\n"));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void namesTheShapesThatDoNotMeet() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> read("layers:\n  - dense: {units: 10}\n  - reshape: [3, 2, 2]\n"));
    assertEquals(
        "mine.yaml:3: layers[1]: layer 01: reshape to [3, 2, 2] needs 12 elements, (10) has 10",
        e.getMessage());
  }

  @Test
  void changesReachIntoLists() {
    YamlCursor root = YamlCursor.parse("layers:\n  - dense: {units: 10}\n", "mine.yaml");
    root.set("layers.0.dense.units", "12");
    root.set("layers.0.dense.bias", "false");
    Network network = NetworkFile.read("net", new Shape(5), 0, root.get("layers"), Map.of(), false);
    assertEquals(
        List.of(new Layer.Dense(12, WeightSpec.of(WeightInit.GLOROT_UNIFORM).withoutBias())),
        network.layers());
    NetworkException e =
        assertThrows(NetworkException.class, () -> root.set("layers.7.dense.units", "1"));
    assertEquals("--set layers.7.dense.units: the list has 1 entries", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generator.layers | [1, | --set generator.layers=[1,: not YAML: ",
        "name | a: b: c | --set name=a: b: c: not YAML: ",
        "generator.rate | @5 | --set generator.rate=@5: not YAML: ",
        "[a] | 5 | --set [a]: '[a]' is no name of a setting",
        "rate | {a: 1, a: 2} | --set rate: 'a' is given twice",
        "generator. | 5 | --set generator.=5: a part of the key is empty",
        ".name | 5 | --set .name=5: a part of the key is empty",
        "name | '' | --set name= has no value",
        "generator.[ | 5 | --set generator.[=[: not YAML: "
      })
  void aChangeThatIsNotYamlIsSaidInOneLine(String key, String value, String message) {
    YamlCursor root = YamlCursor.parse("name: n\ngenerator: {rate: 1}\n", "mine.yaml");
    NetworkException e = assertThrows(NetworkException.class, () -> root.set(key, value));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void aWrongValueIsBlamedOnTheOptionThatSetIt() {
    YamlCursor root =
        YamlCursor.parse("# a file\nrate: 1\nother: y\npenalties: {r1: 0}\n", "mine.yaml");
    root.set("rate", "x");
    root.set("penalties", "{r1: z, r4: 0}");
    root.set("new", "1");
    assertEquals("--set rate: expected a number, got 'x'", complaint(root.get("rate")));
    assertEquals("mine.yaml:3: other: expected a number, got 'y'", complaint(root.get("other")));
    assertEquals(
        "--set penalties: penalties.r1: expected a number, got 'z'",
        complaint(root.get("penalties").get("r1")));
    assertEquals(
        "--set new: unknown key 'new'; known are rate, other, penalties",
        assertThrows(NetworkException.class, root::rejectUnread).getMessage());
  }

  private static String complaint(YamlCursor at) {
    return assertThrows(NetworkException.class, () -> at.real(0, 1)).getMessage();
  }

  @Test
  void aLayerThatTakesNoSettingsMayHaveNone() {
    Network plain = read("layers:\n  - relu\n  - tanh\n");
    assertEquals(plain, read("layers:\n  - relu: {}\n  - tanh:\n"));
  }

  @Test
  void aCropThatDoesNotFitNamesItsLayer() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> read("layers:\n  - dense: {units: 4}\n  - reshape: [1, 2, 2]\n  - crop: 3\n"));
    assertEquals(
        "mine.yaml:4: layers[2]: layer 02: crop to 3 is larger than (1, 2, 2)", e.getMessage());
  }

  @Test
  void aKeyGivenTwiceIsNamedWithBothLines() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> YamlCursor.parse("rate: 1\nother: 2\nrate: 3\n", "mine.yaml"));
    assertEquals("mine.yaml:3: 'rate' is given twice, first at mine.yaml:1", e.getMessage());
  }

  @Test
  void notYamlIsSaidWithItsLine() {
    NetworkException e =
        assertThrows(
            NetworkException.class, () -> YamlCursor.parse("a: 1\nb: [1, 2\nc: 3\n", "mine.yaml"));
    assertTrue(e.getMessage().startsWith("mine.yaml:3: not YAML"), e.getMessage());
  }

  @Test
  void biasesAndUpperPaddingComeBackFromTheFile() {
    String text =
        """
        layers:
          - deconv: {channels: 2, kernel: 3, stride: 2, padding: same-upper, bias: normal 0.5}
          - conv: {channels: 2, kernel: 3, stride: 2, padding: same-upper, bias: false}
          - flatten
          - dense: {units: 1, bias: truncated-normal 0.02}
        """;
    Shape input = new Shape(1, 4, 4);
    Network network =
        NetworkFile.read(
            "d", input, 0, YamlCursor.parse(text, "x.yaml").get("layers"), Map.of(), false);
    Layer.Conv conv = (Layer.Conv) network.layers().get(1);
    assertEquals(Layer.SAME_UPPER, conv.padding());
    assertFalse(conv.weights().hasBias());
    Layer.Dense dense = (Layer.Dense) network.layers().get(3);
    assertEquals(
        Optional.of(new WeightInit(WeightInit.Kind.TRUNCATED_NORMAL, 0.02)),
        dense.weights().bias());
    String written =
        new Dump(DumpSettings.builder().build())
            .dumpToString(Map.of("layers", NetworkFile.write(network.layers())));
    Network again =
        NetworkFile.read(
            "d", input, 0, YamlCursor.parse(written, "y.yaml").get("layers"), Map.of(), false);
    assertEquals(network.layers(), again.layers());
  }
}
