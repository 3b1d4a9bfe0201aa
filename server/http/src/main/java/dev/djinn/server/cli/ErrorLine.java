package dev.djinn.server.cli;

import dev.djinn.sampler.FileProblem;
import dev.djinn.sampler.Names;
import dev.djinn.sampler.OneLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;

/**
 * The one place that turns what goes wrong in a command into one line and an exit code. The trainer
 * and the exporter, which share no code with this, answer with the same words.
 */
final class ErrorLine {
  /** What an exception says about the command that threw it. */
  enum Kind {
    /** The command line is wrong: a bad value, or an argument that names nothing. Exit code 2. */
    USAGE,
    /** The run failed, and the message says why. Exit code 1. */
    FAILURE,
    /** Nobody expected it, so its class is part of the line. Exit code 1. */
    UNEXPECTED
  }

  private static final String VERBOSE = "--verbose";

  private ErrorLine() {}

  /**
   * Runs a command line that answers what goes wrong with a line that starts with {@code djinn:},
   * and with {@code --verbose} also says where.
   *
   * @param commands the command line with all its commands
   * @param args what was typed
   * @param kinds what each of the module's own exceptions means; {@link ParameterException} and
   *     {@link IllegalArgumentException} are bad usage everywhere, problems with files are failures
   *     everywhere, and neither is asked for
   * @return the exit code
   */
  static int run(CommandLine commands, String[] args, Function<Exception, Kind> kinds) {
    boolean verbose = Arrays.asList(args).contains(VERBOSE);
    commands
        .setParameterExceptionHandler(
            (exception, words) -> tell(exception, exception.getCommandLine(), kinds, verbose))
        .setExecutionExceptionHandler(
            (exception, at, result) -> tell(exception, at, kinds, verbose));
    try {
      return commands.execute(args);
    } catch (OutOfMemoryError e) {
      // What was being read is given up by now, so there is memory to say so.
      commands
          .getErr()
          .println(
              "djinn: Java's memory of "
                  + (Runtime.getRuntime().maxMemory() >> 20)
                  + " MB is too small; give more with DJINN_JAVA_OPTS=-Xmx8g, or ask for less at a"
                  + " time");
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static int tell(
      Exception exception, CommandLine at, Function<Exception, Kind> kinds, boolean verbose) {
    at.getErr().println("djinn: " + oneLine(sentence(exception, at, kinds)));
    if (verbose) {
      exception.printStackTrace(at.getErr());
    }
    at.getErr().flush();
    return kind(exception, kinds) == Kind.USAGE
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }

  private static Kind kind(Exception exception, Function<Exception, Kind> kinds) {
    if (exception instanceof ParameterException || exception instanceof IllegalArgumentException) {
      return Kind.USAGE;
    }
    return exception instanceof IOException || exception instanceof UncheckedIOException
        ? Kind.FAILURE
        : kinds.apply(exception);
  }

  private static String sentence(
      Exception exception, CommandLine at, Function<Exception, Kind> kinds) {
    if (exception instanceof ParameterException wrong) {
      return sentence(wrong) + " (see " + Help.called(at) + " --help)";
    }
    if (exception instanceof UncheckedIOException unchecked) {
      return sentence(unchecked.getCause());
    }
    if (exception instanceof IOException problem) {
      return sentence(problem);
    }
    String message = String.valueOf(exception.getMessage());
    return kind(exception, kinds) == Kind.UNEXPECTED
        ? "unexpected "
            + exception.getClass().getSimpleName()
            + ": "
            + message
            + " ("
            + VERBOSE
            + " shows where)"
        : message;
  }

  private static String sentence(IOException problem) {
    String file =
        problem instanceof FileSystemException at && at.getFile() != null
            ? at.getFile() + ": "
            : "";
    return file + FileProblem.reason(problem);
  }

  /** A word that nothing knows comes first: it may be what makes another seem to be missing. */
  private static String sentence(ParameterException wrong) {
    CommandLine at = wrong.getCommandLine();
    List<String> unknown = at.getUnmatchedArguments();
    if (!unknown.isEmpty()) {
      return unknown(unknown.get(0), at);
    }
    if (wrong instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      return missing(missing.getMissing());
    }
    if (wrong instanceof OverwrittenOptionException twice) {
      return name(twice.getOverwritten()) + " is given twice";
    }
    if (wrong.getArgSpec() != null && wrong.getValue() != null) {
      return unusable(wrong.getArgSpec(), wrong.getValue(), wrong.getMessage());
    }
    return wrong.getMessage().replaceFirst("^Error: ", "");
  }

  private static String unknown(String word, CommandLine at) {
    if (word.startsWith("-")) {
      String option = word.replaceFirst("=.*", "");
      List<String> known =
          at.getCommandSpec().options().stream()
              .flatMap(each -> Arrays.stream(each.names()))
              .toList();
      return "unknown option '" + option + "'" + Names.hint(option, known);
    }
    List<String> commands = List.copyOf(at.getSubcommands().keySet());
    return commands.isEmpty()
        ? "unexpected argument '" + word + "'"
        : "unknown command '" + word + "'" + Names.hint(word, commands);
  }

  private static String missing(List<ArgSpec> missing) {
    ArgSpec first = missing.get(0);
    if (first.group() != null && first.group().exclusive()) {
      return "give "
          + first.group().args().stream()
              .map(arg -> name(arg) + " " + arg.paramLabel())
              .collect(Collectors.joining(" or "));
    }
    return missing.stream()
        .sorted(Comparator.comparing(ArgSpec::isOption))
        .map(arg -> arg.isOption() ? name(arg) + " " + arg.paramLabel() : arg.paramLabel())
        .collect(Collectors.joining(" and ", "give ", ""));
  }

  private static String unusable(ArgSpec argument, Object value, String otherwise) {
    if (argument.converters().length > 0) {
      // Its own words follow picocli's.
      return otherwise.replaceFirst("^Invalid value for [^']*'([^']*)'.*?: ", "$1 ");
    }
    Class<?> type = argument.auxiliaryTypes()[0];
    if (type.isEnum()) {
      return name(argument)
          + ": "
          + Names.unknown(
              "value",
              value.toString(),
              Arrays.stream(type.getEnumConstants())
                  .map(each -> each.toString().toLowerCase(Locale.ROOT))
                  .toList());
    }
    if (List.of(int.class, Integer.class, long.class, Long.class).contains(type)) {
      return name(argument) + ": '" + value + "' is not a whole number";
    }
    if (List.of(double.class, Double.class).contains(type)) {
      return name(argument) + ": '" + value + "' is not a number";
    }
    return otherwise;
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String oneLine(String message) {
    return OneLine.of(message.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
