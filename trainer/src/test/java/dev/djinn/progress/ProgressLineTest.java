package dev.djinn.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

  private String said() {
    return said.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void aTerminalsLineIsRewrittenAndLeftForALineThatStays() {
    ProgressLine line = ProgressLine.on(out, true);
    line.show("one");
    line.show("two");
    line.accept("stays");
    line.show("three");
    line.end();
    line.end();
    assertEquals("\rone\u001b[K\rtwo\u001b[K\nstays\n\rthree\u001b[K\n", said());
  }

  @Test
  void elsewhereEachIsALine() {
    ProgressLine line = ProgressLine.on(out, false);
    line.show("one");
    line.accept("stays");
    line.end();
    assertEquals("one\nstays\n", said());
  }

  @Test
  void whatIsOverSoonSaysNothing() {
    ProgressLine.Task task = ProgressLine.on(out, true).task("reading", 3, "pictures");
    for (int i = 1; i <= 3; i++) {
      task.done(i);
    }
    assertEquals("", said());
  }

  @Test
  void longWorkSaysHowFarItIsHowFastAndHowLongYet() throws InterruptedException {
    List<String> lines = new ArrayList<>();
    ProgressLine.Task task = ProgressLine.over(lines::add).task("reading", 1000, "pictures");
    Thread.sleep(2100);
    task.done(100, ", 1 skipped");
    task.done(101);
    task.done(1000);
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(
        lines
            .get(0)
            .matches("reading: 100 of 1,000 pictures, 4[0-9]/s, 0:(18|19|2[0-9]) left, 1 skipped"),
        lines.toString());
  }

  @Test
  void oneLineIsNotWrappedInAnother() {
    ProgressLine line = ProgressLine.on(out, true);
    assertSame(line, ProgressLine.over(line));
  }
}
