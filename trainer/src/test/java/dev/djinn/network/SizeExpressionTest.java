package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeExpressionTest {
  private static final Map<String, Integer> NAMES = Map.of("side", 28, "channels", 3);

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "256*side/4*side/4, 12544",
    "2 + 3 * 4, 14",
    "(2 + 3) * 4, 20",
    "side - channels - 1, 24",
    "-1, -1"
  })
  void evaluatesLikeArithmetic(String text, int value) {
    assertEquals(value, SizeExpression.evaluate(text, NAMES));
  }

  @ParameterizedTest
  @CsvSource({
    "side/3, 28 is not a multiple of 3",
    "side/0, 28 is not a multiple of 0",
    "width, expected a whole number or one of channels",
    "2*, expected a whole number",
    "(2, missing ')'",
    "2 2, unexpected '2'"
  })
  void saysWhatIsWrong(String text, String message) {
    NetworkException e =
        assertThrows(NetworkException.class, () -> SizeExpression.evaluate(text, NAMES));
    assertEquals(true, e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void refusesMoreThanAnInt() {
    assertThrows(NetworkException.class, () -> SizeExpression.evaluate("99999*99999", NAMES));
  }
}
