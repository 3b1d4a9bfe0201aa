package dev.djinn.exporter.cli;

import dev.djinn.exporter.ExportException;
import dev.djinn.network.NetworkException;
import dev.djinn.sampler.OnnxRuntime;
import dev.djinn.sampler.SamplerException;
import dev.djinn.trainer.TorchEngine;
import dev.djinn.trainer.TrainingException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** Entry point of the exporter's commands. */
@Command(
    name = "djinn",
    description = "Export trained generators to ONNX.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = ExporterMain.Versions.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ExportCommand.class, VerifyCommand.class})
public final class ExporterMain {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  /**
   * Runs a command and exits the JVM with its code: 0, 1 for a failed run, 2 for bad usage.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
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
    ExporterMain main = new ExporterMain();
    return new CommandLine(main)
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(badUsage())
        .setExecutionExceptionHandler(failure(main))
        .execute(args.length == 0 ? new String[] {"--help"} : args);
  }

  private static IParameterExceptionHandler badUsage() {
    return (exception, args) -> {
      CommandLine at = exception.getCommandLine();
      at.getErr()
          .printf(
              "djinn: %s (see djinn %s --help)%n",
              oneLine(exception.getMessage()), at.getCommandName());
      return CommandLine.ExitCode.USAGE;
    };
  }

  /** The one place that turns exceptions into messages and exit codes. */
  private static IExecutionExceptionHandler failure(ExporterMain main) {
    return (exception, at, result) -> {
      if (main.verbose) {
        exception.printStackTrace(at.getErr());
      }
      boolean usage = isUsage(exception);
      boolean known =
          usage
              || exception instanceof ExportException
              || exception instanceof TrainingException
              || exception instanceof NetworkException
              || exception instanceof SamplerException;
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
      return usage ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    };
  }

  /** Whether the command line itself is wrong: a bad value, or an argument that names nothing. */
  private static boolean isUsage(Exception exception) {
    return exception instanceof IllegalArgumentException
        || exception instanceof ParameterException
        || (exception instanceof SamplerException e
            && e.reason() == SamplerException.Reason.NOT_FOUND);
  }

  private static String oneLine(String message) {
    return message == null ? "no message" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** Versions of what decides an export. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      List<String> lines = new ArrayList<>();
      TorchEngine.versions().forEach((name, version) -> lines.add(name + " " + version));
      lines.add("onnxruntime " + OnnxRuntime.version());
      return lines.toArray(String[]::new);
    }
  }
}
