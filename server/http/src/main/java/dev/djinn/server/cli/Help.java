package dev.djinn.server.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * How every command shows its help: what one needs first, in the order of the declarations, and
 * lines that can be copied, which are therefore not wrapped and begin as Djinn was called. The
 * trainer and the exporter, which share no code with this, show theirs likewise.
 */
final class Help {
  /** The launcher says here how it was called where {@code djinn} would not find it. */
  private static final String CALLED = "DJINN_COMMAND";

  private Help() {}

  /**
   * Makes the parser of a module's commands.
   *
   * @param main the object with the options of all commands
   * @param out results
   * @param err messages
   * @return a parser, its help laid out
   */
  static CommandLine parser(Object main, PrintWriter out, PrintWriter err) {
    CommandLine commands =
        new CommandLine(main)
            .setOut(out)
            .setErr(err)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true);
    layOut(commands);
    return commands;
  }

  private static void layOut(CommandLine command) {
    UsageMessageSpec usage = command.getCommandSpec().usageMessage().sortOptions(false);
    command
        .getHelpSectionMap()
        .put(
            UsageMessageSpec.SECTION_KEY_SYNOPSIS,
            help ->
                usage.customSynopsis().length == 0
                    ? help.synopsis(help.synopsisHeadingLength())
                    : lines(usage.customSynopsis(), "\n       "));
    command
        .getHelpSectionMap()
        .put(
            UsageMessageSpec.SECTION_KEY_FOOTER,
            help -> usage.footer().length == 0 ? "" : "\n" + lines(usage.footer(), "\n"));
    command.getSubcommands().values().forEach(Help::layOut);
  }

  private static String lines(String[] lines, String between) {
    return Arrays.stream(lines)
            .map(
                line ->
                    line.replaceAll(
                        "(^ *|&& )djinn ", "$1" + Matcher.quoteReplacement(called()) + " "))
            .collect(Collectors.joining(between))
        + "\n";
  }

  /** {@return how a command was called, as {@code djinn train}} */
  static String called(CommandLine command) {
    return command
        .getCommandSpec()
        .qualifiedName()
        .replaceFirst("^djinn", Matcher.quoteReplacement(called()));
  }

  private static String called() {
    String called = System.getenv(CALLED);
    return called == null || called.isEmpty() ? "djinn" : called;
  }
}
