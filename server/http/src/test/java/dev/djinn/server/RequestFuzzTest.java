package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The short side of fuzzing: every input in the folder {@code fuzz}, and random changes to them.
 */
class RequestFuzzTest {

  private static final byte[] SYNTAX =
      "{}[]\",:-.e09\r\n %;=/?&".getBytes(StandardCharsets.US_ASCII);

  @Test
  void parsersHoldOnKnownInputs() throws Exception {
    List<byte[]> inputs = inputs();
    assertFalse(inputs.isEmpty());
    inputs.forEach(RequestFuzzTest::hold);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void parsersHoldOnChangedInputs(long seed) throws Exception {
    List<byte[]> inputs = inputs();
    Random random = new Random(seed);
    for (int i = 0; i < 1500; i++) {
      byte[] input = inputs.get(random.nextInt(inputs.size())).clone();
      for (int changes = random.nextInt(6); changes >= 0; changes--) {
        input = change(input, inputs, random);
      }
      hold(input);
    }
  }

  private static byte[] change(byte[] input, List<byte[]> inputs, Random random) {
    int at = 1 + random.nextInt(input.length - 1);
    switch (random.nextInt(4)) {
      case 0 -> input[at] = (byte) random.nextInt(256);
      case 1 -> {
        return input.length > 4 ? Arrays.copyOf(input, Math.max(3, at)) : input;
      }
      case 2 -> input[at] = SYNTAX[random.nextInt(SYNTAX.length)];
      default -> {
        byte[] other = inputs.get(random.nextInt(inputs.size()));
        int from = random.nextInt(other.length);
        int count = Math.min(other.length - from, 1 + random.nextInt(40));
        byte[] joined = Arrays.copyOf(input, input.length + count);
        System.arraycopy(input, at, joined, at + count, input.length - at);
        System.arraycopy(other, from, joined, at, count);
        return joined;
      }
    }
    return input;
  }

  private static void hold(byte[] input) {
    assertDoesNotThrow(
        () -> RequestFuzz.fuzzerTestOneInput(input), () -> HexFormat.of().formatHex(input));
  }

  private static List<byte[]> inputs() throws IOException, URISyntaxException {
    Path folder = Path.of(RequestFuzzTest.class.getResource("fuzz").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(RequestFuzzTest::bytes).toList();
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
