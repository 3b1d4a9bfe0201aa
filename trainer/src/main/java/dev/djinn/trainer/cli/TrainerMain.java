package dev.djinn.trainer.cli;

import dev.djinn.data.DataException;
import dev.djinn.data.UnknownDataException;
import dev.djinn.network.NetworkException;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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
      ClassifierCommand.class,
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
    CommandLine commands =
        new CommandLine(main).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
    return ErrorLine.run(commands, args, () -> main.verbose, TrainerMain::kind);
  }

  private static ErrorLine.Kind kind(Exception exception) {
    if (exception instanceof UnknownDataException || exception instanceof NetworkException) {
      return ErrorLine.Kind.USAGE;
    }
    return exception instanceof TrainingException || exception instanceof DataException
        ? ErrorLine.Kind.FAILURE
        : ErrorLine.Kind.UNEXPECTED;
  }
}
