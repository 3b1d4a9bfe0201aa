package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HarmlessTest {
  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "'a\u001b[2Jb', 'a?[2Jb'",
    "'bell\u0007\u0000\b\u007f', bell????",
    "'over\rwritten', over?written",
    "'\u009b31m', ?31m", // the same as ESC [ in one character
    "'é ü ß £ © 鍵 🗝', 'é ü ß £ © 鍵 🗝'",
    "'tab\tstays', 'tab\tstays'",
    "'line\nstays', 'line\nstays'"
  })
  void leavesTextAndNothingElse(String text, String seen) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    PrintWriter writer = new PrintWriter(new Harmless(whole), true, StandardCharsets.UTF_8);
    writer.print(text);
    writer.flush();
    assertEquals(seen, whole.toString(StandardCharsets.UTF_8));

    ByteArrayOutputStream bytewise = new ByteArrayOutputStream();
    try (PrintStream stream =
        new PrintStream(new Harmless(bytewise), true, StandardCharsets.UTF_8)) {
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        stream.write(b);
      }
    }
    assertEquals(seen, bytewise.toString(StandardCharsets.UTF_8));
  }
}
