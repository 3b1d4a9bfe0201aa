package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class ErrorLineTest {
  @Command(name = "djinn")
  static final class Greedy implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void memoryThatIsTooSmallIsOneLineAndExitCode1() {
    StringWriter err = new StringWriter();
    CommandLine commands = new CommandLine(new Greedy()).setErr(new PrintWriter(err, true));
    int code = ErrorLine.run(commands, new String[0], () -> false, e -> ErrorLine.Kind.UNEXPECTED);
    assertEquals(1, code);
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(
        err.toString().startsWith("djinn: the data does not fit into Java's memory of "),
        err.toString());
  }
}
