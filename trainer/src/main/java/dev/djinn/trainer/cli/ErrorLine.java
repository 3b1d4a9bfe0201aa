package dev.djinn.trainer.cli;

import java.util.function.BooleanSupplier;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The one place that turns what goes wrong in a command into one line and an exit code. */
public final class ErrorLine {
  /** What an exception says about the command that threw it. */
  public enum Kind {
    /** The command line is wrong: a bad value, or an argument that names nothing. Exit code 2. */
    USAGE,
    /** The run failed, and the message says why. Exit code 1. */
    FAILURE,
    /** Nobody expected it, so its class is part of the line. Exit code 1. */
    UNEXPECTED
  }

  private ErrorLine() {}

  /**
   * Runs a command line that answers what goes wrong with a line that starts with {@code djinn:}.
   *
   * @param commands the command line with all its commands
   * @param args what was typed
   * @param verbose whether a failure's stack trace is wanted, asked after the arguments are read
   * @param kinds what each of the module's own exceptions means; {@link ParameterException} and
   *     {@link IllegalArgumentException} are bad usage everywhere and not asked for
   * @return the exit code
   */
  public static int run(
      CommandLine commands,
      String[] args,
      BooleanSupplier verbose,
      Function<Exception, Kind> kinds) {
    commands
        .setParameterExceptionHandler((exception, words) -> badUsage(exception))
        .setExecutionExceptionHandler(
            (exception, at, result) -> {
              if (verbose.getAsBoolean()) {
                exception.printStackTrace(at.getErr());
              }
              boolean wrongWords =
                  exception instanceof ParameterException
                      || exception instanceof IllegalArgumentException;
              return tell(exception, at, wrongWords ? Kind.USAGE : kinds.apply(exception));
            });
    try {
      return commands.execute(args);
    } catch (OutOfMemoryError e) {
      // What was being read is given up by now, so there is memory to say so.
      commands
          .getErr()
          .println(
              "djinn: the data does not fit into Java's memory of "
                  + (Runtime.getRuntime().maxMemory() >> 20)
                  + " MB; give more with DJINN_JAVA_OPTS=-Xmx8g, or choose fewer pictures or a"
                  + " smaller --image-size");
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static int badUsage(ParameterException exception) {
    CommandLine at = exception.getCommandLine();
    at.getErr()
        .printf(
            "djinn: %s (see %s --help)%n",
            oneLine(exception.getMessage()).replaceFirst("^Error: ", ""),
            at.getCommandSpec().qualifiedName());
    return CommandLine.ExitCode.USAGE;
  }

  private static int tell(Exception exception, CommandLine at, Kind kind) {
    String text = oneLine(exception.getMessage());
    at.getErr()
        .println(
            "djinn: "
                + (kind == Kind.UNEXPECTED
                    ? exception.getClass().getSimpleName()
                        + ": "
                        + text
                        + " (--verbose shows where)"
                    : text));
    return kind == Kind.USAGE ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
  }

  private static String oneLine(String message) {
    return message == null ? "no message" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
