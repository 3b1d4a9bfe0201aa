package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** The words in which every command answers; the trainer's test has the same cases. */
class ErrorLineTest {
  private static Supplier<Exception> failure;

  @Command(name = "djinn", subcommands = Draw.class)
  static final class Main {
    @Option(names = "--verbose", scope = ScopeType.INHERIT)
    boolean verbose;
  }

  enum Colour {
    GREY,
    RGB
  }

  static final class Form {
    @Option(names = "--csv", paramLabel = "FILE")
    Path csv;

    @Option(names = "--json", paramLabel = "FILE")
    Path json;
  }

  @Command(name = "draw")
  static final class Draw implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL")
    String model;

    @Option(
        names = {"-o", "--out"},
        paramLabel = "FILE",
        required = true)
    Path out;

    @Option(names = "--count")
    int count;

    @Option(names = "--share")
    double share;

    @Option(names = "--colour")
    Colour colour = Colour.GREY;

    @ArgGroup(multiplicity = "1")
    Form form;

    @Override
    public Integer call() throws Exception {
      throw failure.get();
    }
  }

  private record Answer(int code, String text) {}

  private static Answer djinn(String... args) {
    StringWriter err = new StringWriter();
    PrintWriter writer = new PrintWriter(err, true);
    int code =
        ErrorLine.run(
            Help.parser(new Main(), writer, writer),
            args,
            exception ->
                exception instanceof ArithmeticException
                    ? ErrorLine.Kind.FAILURE
                    : ErrorLine.Kind.UNEXPECTED);
    return new Answer(code, err.toString().stripTrailing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "drow                          | unknown command 'drow'; did you mean draw? (see djinn --help)",
        "draw --cuont 3                | unknown option '--cuont'; did you mean --count? (see djinn draw --help)",
        "draw --cuont=3                | unknown option '--cuont'; did you mean --count? (see djinn draw --help)",
        "draw --frobnicate             | unknown option '--frobnicate' (see djinn draw --help)",
        "draw a b -o x --csv y         | unexpected argument 'b' (see djinn draw --help)",
        "draw                          | give MODEL and --out FILE (see djinn draw --help)",
        "draw a --csv y                | give --out FILE (see djinn draw --help)",
        "draw a -o x                   | give --csv FILE or --json FILE (see djinn draw --help)",
        "draw a -o x -o y --csv z      | --out is given twice (see djinn draw --help)",
        "draw a -o x --csv y --count 1.5 | --count: '1.5' is not a whole number (see djinn draw --help)",
        "draw a -o x --csv y --share z | --share: 'z' is not a number (see djinn draw --help)",
        "draw a -o x --csv y --colour gray | --colour: unknown value 'gray'; did you mean grey? Known are grey, rgb (see djinn draw --help)"
      })
  void badUsageIsOneLineAndExitCode2(String line, String answer) {
    assertEquals(new Answer(2, "djinn: " + answer), djinn(line.split(" ")));
  }

  private static Answer failing(Exception exception, String... more) {
    failure = () -> exception;
    String[] args = new String[6 + more.length];
    System.arraycopy("draw a -o x --csv y".split(" "), 0, args, 0, 6);
    System.arraycopy(more, 0, args, 6, more.length);
    return djinn(args);
  }

  @Test
  void aFailureIsItsMessageAndExitCode1() {
    assertEquals(
        new Answer(1, "djinn: out of luck"), failing(new ArithmeticException("out\nof luck")));
    assertEquals(
        new Answer(2, "djinn: no such thing"),
        failing(new IllegalArgumentException("no such thing")));
    assertEquals(
        new Answer(1, "djinn: unexpected IllegalStateException: odd (--verbose shows where)"),
        failing(new IllegalStateException("odd")));
  }

  @Test
  void aFilesProblemIsASentence() {
    assertEquals(
        new Answer(1, "djinn: a.bin: no such file or folder"),
        failing(new NoSuchFileException("a.bin")));
    assertEquals(
        new Answer(1, "djinn: disk is full"),
        failing(new UncheckedIOException(new IOException("disk is full"))));
  }

  @Test
  void verboseShowsWhere() {
    String text = failing(new ArithmeticException("out of luck"), "--verbose").text();
    assertTrue(text.startsWith("djinn: out of luck"), text);
    assertTrue(text.contains("at dev.djinn.server.cli.ErrorLineTest"), text);
    assertTrue(djinn("draw", "--verbose").text().contains("at picocli."));
  }

  @Test
  void memoryThatIsTooSmallIsOneLineAndExitCode1() {
    StringWriter err = new StringWriter();
    PrintWriter writer = new PrintWriter(err, true);
    Callable<Integer> greedy =
        new Callable<>() {
          @Override
          public Integer call() {
            throw new OutOfMemoryError("Java heap space");
          }
        };
    int code =
        ErrorLine.run(
            new picocli.CommandLine(
                    picocli.CommandLine.Model.CommandSpec.wrapWithoutInspection(greedy))
                .setErr(writer),
            new String[0],
            e -> ErrorLine.Kind.UNEXPECTED);
    assertEquals(1, code);
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith("djinn: Java's memory of "), err.toString());
  }
}
