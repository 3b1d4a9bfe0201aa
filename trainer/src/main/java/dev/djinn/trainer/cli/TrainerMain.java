package dev.djinn.trainer.cli;

import dev.djinn.data.DataException;
import dev.djinn.data.UnknownDataException;
import dev.djinn.network.NetworkException;
import dev.djinn.trainer.TorchEngine;
import dev.djinn.trainer.TrainingException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** Entry point of the trainer's commands. */
@Command(
    name = "djinn",
    description = "Train GANs in Java.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      PresetsCommand.class,
      DataCommand.class,
      DoctorCommand.class
    })
public final class TrainerMain implements Callable<Integer> {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  @SuppressWarnings("UnusedVariable") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      description = "Print the versions of Djinn, Java, DJL and libtorch.")
  private boolean version;

  // Not picocli's version provider: that would load libtorch for every command.
  @Override
  public Integer call() {
    if (version) {
      TorchEngine.versions().forEach((name, number) -> System.out.println(name + " " + number));
    } else {
      CommandLine.usage(this, System.out);
    }
    return 0;
  }

  /**
   * Runs a command and exits the JVM with its code: 0, 1 for a failed run, 2 for bad usage.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.exit(run(args, new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
  }

  /**
   * Runs a command.
   *
   * @param args the command line
   * @param err error messages
   * @return the exit code
   */
  static int run(String[] args, PrintWriter err) {
    TrainerMain main = new TrainerMain();
    try {
      return new CommandLine(main)
          .setErr(err)
          .setCaseInsensitiveEnumValuesAllowed(true)
          .setParameterExceptionHandler(badUsage())
          .setExecutionExceptionHandler(failure(main))
          .execute(args);
    } catch (OutOfMemoryError e) {
      // What was being read is given up by now, so there is memory to say so.
      err.println(
          "djinn: the data does not fit into Java's memory of "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MB; give more with DJINN_JAVA_OPTS=-Xmx8g, or choose fewer pictures or a smaller"
              + " --image-size");
      return 1;
    }
  }

  private static IParameterExceptionHandler badUsage() {
    return (exception, args) -> {
      CommandLine at = exception.getCommandLine();
      at.getErr()
          .println(
              "djinn: "
                  + oneLine(exception.getMessage())
                  + " (see "
                  + at.getCommandSpec().qualifiedName()
                  + " --help)");
      return 2;
    };
  }

  /** The one place that turns exceptions into messages and exit codes. */
  private static IExecutionExceptionHandler failure(TrainerMain main) {
    return (exception, at, result) -> {
      if (main.verbose) {
        exception.printStackTrace(at.getErr());
      }
      boolean usage =
          exception instanceof IllegalArgumentException
              || exception instanceof UnknownDataException
              || exception instanceof ParameterException
              || exception instanceof NetworkException;
      boolean known =
          usage || exception instanceof TrainingException || exception instanceof DataException;
      String text = oneLine(exception.getMessage());
      at.getErr()
          .println(
              "djinn: "
                  + (known
                      ? text
                      : exception.getClass().getSimpleName()
                          + ": "
                          + text
                          + " (--verbose shows where)"));
      return usage ? 2 : 1;
    };
  }

  private static String oneLine(String message) {
    return message == null ? "no message" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
