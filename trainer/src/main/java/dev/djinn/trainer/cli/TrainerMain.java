package dev.djinn.trainer.cli;

import dev.djinn.data.DataException;
import dev.djinn.data.UnknownDataException;
import dev.djinn.network.NetworkException;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Entry point of the trainer's commands. */
@Command(
    name = "djinn",
    description = "Train GANs in Java.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      SweepCommand.class,
      PresetsCommand.class,
      DataCommand.class,
      ClassifierCommand.class,
      WatchCommand.class
    })
public final class TrainerMain implements Callable<Integer> {
  @SuppressWarnings("UnusedVariable") // ErrorLine acts on it
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where an error came from.")
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

  @Spec private CommandSpec spec;

  // Not picocli's version provider: that would load libtorch for every command.
  @Override
  public Integer call() {
    if (!version) {
      throw new ParameterException(spec.commandLine(), "give a command");
    }
    TorchEngine.versions()
        .forEach((name, number) -> spec.commandLine().getOut().printf("%-12s %s%n", name, number));
    return 0;
  }

  /**
   * Runs a command and exits the JVM with its code: 0, 1 for a failed run, 2 for bad usage.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    // Numbers are read by scripts: they look the same wherever Djinn runs.
    Locale.setDefault(Locale.ROOT);
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
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    return ErrorLine.run(Help.parser(new TrainerMain(), out, err), args, TrainerMain::kind);
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
