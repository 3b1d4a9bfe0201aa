package dev.djinn.exporter.cli;

import dev.djinn.data.DataException;
import dev.djinn.data.UnknownDataException;
import dev.djinn.exporter.ExportException;
import dev.djinn.network.NetworkException;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.sampler.OnnxRuntime;
import dev.djinn.sampler.SamplerException;
import dev.djinn.trainer.cli.ErrorLine;
import dev.djinn.trainer.cli.Help;
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

/** Entry point of the exporter's commands. */
@Command(
    name = "djinn",
    description = "Export trained generators to ONNX, and judge them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ExportCommand.class,
      VerifyCommand.class,
      EvaluateCommand.class,
      DoctorCommand.class
    })
public final class ExporterMain implements Callable<Integer> {
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
      description = "Print the versions of Djinn, Java, DJL, libtorch and ONNX Runtime.")
  private boolean version;

  @Spec private CommandSpec spec;

  // Not picocli's version provider: that would load libtorch and ONNX Runtime for every command.
  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (!version) {
      throw new ParameterException(spec.commandLine(), "give a command");
    }
    TorchEngine.versions().forEach((name, number) -> out.printf("%-12s %s%n", name, number));
    out.printf("%-12s %s%n", "onnxruntime", OnnxRuntime.version());
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
    System.exit(
        run(
            args,
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
  }

  /**
   * Runs a command.
   *
   * @param args the command line
   * @param out results
   * @param err error messages
   * @return the exit code
   */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    return ErrorLine.run(Help.parser(new ExporterMain(), out, err), args, ExporterMain::kind);
  }

  private static ErrorLine.Kind kind(Exception exception) {
    if (exception instanceof SamplerException e) {
      return e.reason() == SamplerException.Reason.NOT_FOUND
          ? ErrorLine.Kind.USAGE
          : ErrorLine.Kind.FAILURE;
    }
    if (exception instanceof UnknownDataException) {
      return ErrorLine.Kind.USAGE;
    }
    return exception instanceof ExportException
            || exception instanceof DataException
            || exception instanceof TrainingException
            || exception instanceof NetworkException
        ? ErrorLine.Kind.FAILURE
        : ErrorLine.Kind.UNEXPECTED;
  }
}
