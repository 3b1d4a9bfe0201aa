package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {
  private static CommandLine parser() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return Help.parser(new TrainerMain(), nowhere, nowhere);
  }

  static Stream<String> commands() {
    return parser().getSubcommands().keySet().stream();
  }

  private static CommandLine command(String name) {
    return parser().getSubcommands().get(name);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void examplesAreWholeLinesThatParse(String name) {
    List<String> shown = command(name).getUsageMessage().lines().map(String::strip).toList();
    for (String line : command(name).getCommandSpec().usageMessage().footer()) {
      assertTrue(shown.contains(line.strip()), "wrapped: " + line);
      if (line.startsWith("  djinn ")) {
        String typed = line.strip().replaceFirst(" [>&].*", "");
        String[] words = typed.split(" ", -1);
        // A problem is thrown.
        parser().parseArgs(Arrays.copyOfRange(words, 1, words.length));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void showsDefaultsAndWhatOneNeedsFirst(String name) {
    List<OptionSpec> options = command(name).getCommandSpec().options();
    boolean optional = false;
    for (OptionSpec option : options) {
      boolean needed = option.required() && option.group() == null;
      assertFalse(optional && needed, option.longestName() + " is needed, and not first");
      optional |= !needed;
      String description = String.join(" ", option.description());
      // These two are for pictures of any size, and for nothing, unless given.
      boolean none = List.of("--data-dir", "--image-size").contains(option.longestName());
      boolean repeatable = description.contains("Repeatable");
      boolean flag = option.arity().max() == 0;
      boolean output = option.longestName().equals("--out") || description.startsWith("Or ");
      boolean wish = List.of("--stop-after", "--target").contains(option.longestName());
      assertTrue(
          flag || none || repeatable || output || wish || description.contains("Default: "),
          option.longestName() + " does not say its default");
    }
    List<String> last = options.stream().map(OptionSpec::longestName).toList();
    assertEquals(List.of("--verbose", "--help"), last.subList(last.size() - 2, last.size()));
  }
}
