package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.SamplerException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorContractTest {
  private static final GeneratorContract CONTRACT =
      new GeneratorContract(
          Latent.uniform(100, -1, 1),
          List.of("shirt", "7", "0"),
          new Image(3, 32, 32),
          ordered("preset", "cgan", "steps", 300, "versions", Map.of("djinn", "0.1")),
          Map.of("largestAbsoluteError", 0.25f),
          Map.of());

  @Test
  void writesTheMetadataOfTheArtifact() {
    Map<String, String> expected =
        Map.of(
            "djinn.contract", "1",
            "djinn.latent", "{\"size\":100,\"distribution\":\"uniform\",\"low\":-1.0,\"high\":1.0}",
            "djinn.labels", "[\"shirt\",\"7\",\"0\"]",
            "djinn.image", "{\"channels\":3,\"height\":32,\"width\":32}",
            "djinn.provenance",
                "{\"preset\":\"cgan\",\"steps\":300,\"versions\":{\"djinn\":\"0.1\"}}",
            "djinn.parity", "{\"largestAbsoluteError\":0.25}",
            "djinn.quality", "{}");
    assertEquals(expected, CONTRACT.toMetadata());
  }

  @Test
  void readsWhatItWrote() {
    assertEquals(CONTRACT, ContractReader.read(CONTRACT.toMetadata()));
    GeneratorContract normal = TestModels.UNCONDITIONAL;
    assertEquals(normal, ContractReader.read(normal.toMetadata()));
    assertEquals(
        "{\"size\":10,\"distribution\":\"normal\"}", normal.toMetadata().get("djinn.latent"));
  }

  @ParameterizedTest
  @CsvSource({"1,28,28,1", "3,64,64,1", "4,32,32,2", "1,28,32,2", "3,48,256,2", "4,17,23,2"})
  void saysTheLeastVersionThatHasRoomForItsPictures(
      int channels, int height, int width, int version) {
    GeneratorContract contract = of(new Image(channels, height, width));
    assertEquals(version, contract.version());
    Map<String, String> metadata = contract.toMetadata();
    assertEquals(Integer.toString(version), metadata.get("djinn.contract"));
    assertEquals(contract, ContractReader.read(metadata));
  }

  @Test
  void readsWhatSaysMoreOrLessThanItsVersionNeeds() {
    GeneratorContract square = of(new Image(1, 28, 28));
    Map<String, String> metadata = new HashMap<>(square.toMetadata());
    metadata.put("djinn.contract", "2");
    assertEquals(square, ContractReader.read(metadata));
    GeneratorContract wide = of(new Image(1, 28, 32));
    metadata = new HashMap<>(wide.toMetadata());
    metadata.put("djinn.contract", "1");
    assertEquals(wide, ContractReader.read(metadata));
  }

  private static GeneratorContract of(Image image) {
    return new GeneratorContract(Latent.normal(2), List.of(), image, Map.of(), Map.of(), Map.of());
  }

  @Test
  void itsPartsReadAsPeopleWriteThem() {
    assertEquals("100, uniform in [-1.0, 1.0]", CONTRACT.latent().toString());
    assertEquals("64, normal", Latent.normal(64).toString());
    assertEquals("3 x 32 x 32", CONTRACT.image().toString());
  }

  @Test
  void ignoresUnknownKeys() {
    Map<String, String> metadata = new HashMap<>(CONTRACT.toMetadata());
    metadata.put("djinn.future", "not even JSON {");
    metadata.put("author", "somebody");
    metadata.put("djinn.image", "{\"channels\":3,\"height\":32,\"width\":32,\"depth\":8}");
    assertEquals(CONTRACT, ContractReader.read(metadata));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "djinn.contract",
        "djinn.latent",
        "djinn.labels",
        "djinn.image",
        "djinn.provenance",
        "djinn.parity",
        "djinn.quality"
      })
  void namesAMissingKey(String key) {
    Map<String, String> metadata = new HashMap<>(CONTRACT.toMetadata());
    metadata.remove(key);
    SamplerException e = assertThrows(SamplerException.class, () -> ContractReader.read(metadata));
    assertEquals(Reason.INVALID_MODEL, e.reason());
    assertTrue(e.getMessage().startsWith("no " + key + " in the metadata"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "djinn.contract;3;djinn.contract is 3, this Djinn reads 1 to 2: take a newer one",
        "djinn.contract;0;djinn.contract is 0, this Djinn reads 1 to 2",
        "djinn.contract;\"1\";djinn.contract is \"1\", this Djinn reads 1 to 2",
        "djinn.latent;{;metadata djinn.latent is malformed: no key at character 1",
        "djinn.latent;[];metadata djinn.latent is malformed: not a JSON object",
        "djinn.latent;{\"size\":10};metadata djinn.latent is malformed: distribution is null,"
            + " not \"normal\" or \"uniform\"",
        "djinn.latent;{\"size\":1.5,\"distribution\":\"normal\"};metadata djinn.latent is malformed:"
            + " size is 1.5, not an integer",
        "djinn.latent;{\"size\":4294967297,\"distribution\":\"normal\"};metadata djinn.latent is"
            + " malformed: size is 4294967297, not an integer",
        "djinn.latent;{\"size\":0,\"distribution\":\"normal\"};latent size 0 is not between 1 and"
            + " 1048576",
        "djinn.latent;{\"size\":2,\"distribution\":\"uniform\",\"low\":1,\"high\":1};uniform latent"
            + " needs low < high, not 1.0 and 1.0",
        "djinn.latent;{\"size\":2,\"distribution\":\"uniform\",\"low\":1};metadata djinn.latent is"
            + " malformed: high is null, not a number",
        "djinn.labels;{};metadata djinn.labels is malformed: not a JSON array",
        "djinn.labels;[1];metadata djinn.labels is malformed: not an array of strings",
        "djinn.labels;[\"a\",\"a\"];two labels have the same name, 'a'",
        "djinn.image;{\"channels\":3,\"height\":-1,\"width\":2};image of 3 x -1 x 2 is not between 1"
            + " and 268435456 values",
        "djinn.quality;null;metadata djinn.quality is malformed: not a JSON object"
      })
  void saysWhatIsMalformed(String key, String value, String message) {
    Map<String, String> metadata = new HashMap<>(CONTRACT.toMetadata());
    metadata.put(key, value);
    SamplerException e = assertThrows(SamplerException.class, () -> ContractReader.read(metadata));
    assertEquals(message, e.getMessage());
    assertEquals(Reason.INVALID_MODEL, e.reason());
  }

  @Test
  void findsALabelByNameBeforeNumber() {
    assertEquals(OptionalInt.of(0), CONTRACT.labelIndex("shirt"));
    assertEquals(OptionalInt.of(1), CONTRACT.labelIndex("7"));
    assertEquals(OptionalInt.of(2), CONTRACT.labelIndex("0"));
    assertEquals(OptionalInt.of(1), CONTRACT.labelIndex("1"));
    assertEquals(OptionalInt.empty(), CONTRACT.labelIndex("3"));
    assertEquals(OptionalInt.empty(), CONTRACT.labelIndex("-1"));
    assertEquals(OptionalInt.empty(), CONTRACT.labelIndex("trousers"));
  }

  @Test
  void keepsItsOwnCopyOfWhatItIsGiven() {
    List<Object> list = new ArrayList<>(List.of(1));
    Map<String, Object> quality = new HashMap<>(Map.of("list", list));
    GeneratorContract contract =
        new GeneratorContract(
            Latent.normal(1), List.of(), new Image(1, 1, 1), Map.of(), Map.of(), quality);
    list.add(2);
    quality.clear();
    assertEquals(Map.of("list", List.of(1L)), contract.quality());
    assertFalse(contract.conditional());
    assertThrows(UnsupportedOperationException.class, () -> contract.quality().clear());
  }

  private static Map<String, Object> ordered(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
