package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("a", Arrays.asList(1L, -2.5, 1e-7, true, false, null));
    expected.put("b", Map.of());
    expected.put("é\"\\/\b\f\n\r\t", "A😀");
    assertEquals(
        expected,
        JsonReader.read(
            " {\"a\" : [1, -2.5,1E-7,true,false,null],\"b\":{},"
                + "\"é\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"\\u0041\\ud83d\\uDE00\"}\r\n"));
  }

  @Test
  void readsWhatItWrote() {
    Object value =
        List.of(
            Map.of("quote \" back \\ line \n nul \u0000", List.of()),
            Long.MAX_VALUE / 10,
            -0.0,
            Double.MIN_VALUE,
            1e300);
    assertEquals(value, JsonReader.read(JsonWriter.write(value)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\t\"",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "-",
        "NaN",
        "Infinity",
        "1e999",
        "nul",
        "truefalse",
        "1 2",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":null,\"a\":1}",
        "\u00a01",
        "/**/1",
        "\ufeff1"
      })
  void refusesWhatIsNotJson(String text) {
    assertThrows(IllegalArgumentException.class, () -> JsonReader.read(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "[1,;no value at character 3",
        "{\"a\":1,\"a\":2};key \"a\" twice at character 12",
        "\"ab;string not closed at character 3",
        "1 x;something after the value at character 2"
      })
  void saysWhatIsWrongAndWhere(String text, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> JsonReader.read(text));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesDeepNestingInsteadOfOverflowingTheStack() {
    String deepest = "[".repeat(JsonReader.MAX_DEPTH + 1) + "]".repeat(JsonReader.MAX_DEPTH + 1);
    assertTrue(JsonReader.read(deepest) instanceof List);
    String tooDeep = "[".repeat(100_000);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> JsonReader.read(tooDeep));
    assertEquals("nested deeper than 32 at character 33", e.getMessage());
  }
}
