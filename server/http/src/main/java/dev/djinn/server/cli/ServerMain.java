package dev.djinn.server.cli;

import dev.djinn.sampler.OnnxRuntime;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Runs the commands of this module. Exit codes: 0, 1 for a failed run, 2 for bad usage. */
@Command(
    name = "djinn",
    synopsisSubcommandLabel = "COMMAND",
    description = "Sample and serve generators.",
    subcommands = {
      SampleCommand.class,
      InspectCommand.class,
      ServeCommand.class,
      BenchCommand.class
    })
public final class ServerMain implements Runnable {
  private static final String VERBOSE = "--verbose";

  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // ErrorLine acts on it
  @Option(
      names = VERBOSE,
      scope = ScopeType.INHERIT,
      description = "Log more, and show where an error came from.")
  private boolean verbose;

  /**
   * Runs a command and ends the JVM with its exit code.
   *
   * @param args the command and its arguments
   */
  public static void main(String[] args) {
    // Numbers are read by scripts: they look the same wherever Djinn runs.
    Locale.setDefault(Locale.ROOT);
    System.setErr(new PrintStream(new Harmless(System.err), true, StandardCharsets.UTF_8)); // logs
    configureLogging(Arrays.asList(args).contains(VERBOSE));
    System.exit(
        run(
            args,
            new PrintWriter(new Harmless(System.out), true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
  }

  /**
   * Runs a command.
   *
   * @param args the command line
   * @param out results
   * @param err messages
   * @return the exit code
   */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    return ErrorLine.run(Help.parser(new ServerMain(), out, err), args, ServerMain::kind);
  }

  @SuppressWarnings("UnusedVariable") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      description = "Print the versions of Djinn, Java and ONNX Runtime.")
  private boolean version;

  // Not picocli's version provider: that would load ONNX Runtime for every command.
  @Override
  public void run() {
    if (!version) {
      throw new ParameterException(spec.commandLine(), "give a command");
    }
    String own = ServerMain.class.getPackage().getImplementationVersion();
    line("djinn", own == null ? "development" : own);
    line("java", System.getProperty("java.version"));
    line("onnxruntime", OnnxRuntime.version());
  }

  private void line(String name, String version) {
    spec.commandLine().getOut().printf(Locale.ROOT, "%-12s %s%n", name, version);
  }

  private static ErrorLine.Kind kind(Exception exception) {
    if (!(exception instanceof SamplerException failure)) {
      return ErrorLine.Kind.UNEXPECTED;
    }
    return failure.reason() == Reason.INVALID_REQUEST || failure.reason() == Reason.NOT_FOUND
        ? ErrorLine.Kind.USAGE
        : ErrorLine.Kind.FAILURE;
  }

  /** Quiet unless asked, and without dates: this is a command, not a log file. */
  private static void configureLogging(boolean verbose) {
    setDefault("org.slf4j.simpleLogger.defaultLogLevel", verbose ? "debug" : "warn");
    setDefault("org.slf4j.simpleLogger.log.io.netty", verbose ? "info" : "warn");
    setDefault("org.slf4j.simpleLogger.showThreadName", "false");
    setDefault("org.slf4j.simpleLogger.showShortLogName", "true");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
