package dev.djinn.server.cli;

import dev.djinn.sampler.OnnxRuntime;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Runs the commands of this module. Exit codes: 0, 1 for a failed run, 2 for bad usage. */
@Command(
    name = "djinn",
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = "Samples and serves GANs that Djinn has trained and exported.",
    subcommands = {
      SampleCommand.class,
      InspectCommand.class,
      ServeCommand.class,
      BenchCommand.class
    })
public final class ServerMain implements Runnable {
  private static final String VERBOSE = "--verbose";
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;

  @Spec private CommandSpec spec;

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
    configureLogging(Arrays.asList(args).contains(VERBOSE));
    System.exit(commandLine().execute(args));
  }

  /** Makes the parser of all commands, with the one place that maps exceptions to exit codes. */
  static CommandLine commandLine() {
    ServerMain main = new ServerMain();
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(ServerMain::badUsage)
        .setExecutionExceptionHandler(main::failed);
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
    if (version) {
      versions().forEach(spec.commandLine().getOut()::println);
      spec.commandLine().getOut().flush();
      return;
    }
    throw new ParameterException(spec.commandLine(), "no command given");
  }

  private static int badUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String message = firstLine(e.getMessage());
    return complain(
        command,
        message + " (see " + command.getCommandSpec().qualifiedName() + " --help)",
        e,
        Arrays.asList(args).contains(VERBOSE),
        BAD_USAGE);
  }

  private int failed(Exception e, CommandLine command, ParseResult parsed) {
    return complain(command, message(e), e, verbose, exitCode(e));
  }

  private static int complain(
      CommandLine command, String message, Exception e, boolean verbose, int exitCode) {
    command.getErr().println("djinn: " + message);
    if (verbose) {
      e.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return exitCode;
  }

  private static int exitCode(Exception e) {
    boolean usage =
        e instanceof SamplerException failure
            && (failure.reason() == Reason.INVALID_REQUEST || failure.reason() == Reason.NOT_FOUND);
    return usage ? BAD_USAGE : FAILED;
  }

  /** Gives one line that says what is wrong, also for exceptions that were not made for users. */
  private static String message(Exception e) {
    if (e instanceof SamplerException) {
      return firstLine(e.getMessage());
    }
    if (e instanceof UncheckedIOException unchecked) {
      return FileProblem.sentence(unchecked.getCause());
    }
    if (e instanceof IOException problem) {
      return FileProblem.sentence(problem);
    }
    return "unexpected " + firstLine(e.toString()) + " (run with " + VERBOSE + " to see where)";
  }

  private static String firstLine(String text) {
    return String.valueOf(text).lines().findFirst().orElse("no message").strip();
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

  /** Says what is running, natives included. */
  private static List<String> versions() {
    String own = ServerMain.class.getPackage().getImplementationVersion();
    return List.of(
        "Djinn " + Optional.ofNullable(own).orElse("(not packaged)"),
        "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
        "ONNX Runtime " + OnnxRuntime.version());
  }
}
