package dev.djinn.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandbookTest {
  @TempDir Path folder;

  @Test
  void writesAPageForEachCommandAndCompletesItsOptions() throws IOException {
    Handbook.main(new String[] {folder.toString()});
    List<String> expected = new ArrayList<>(List.of("djinn.adoc"));
    commands().forEach(command -> expected.add("djinn-" + command + ".adoc"));
    Collections.sort(expected);
    try (Stream<Path> pages = Files.list(folder.resolve("adoc"))) {
      assertEquals(expected, pages.map(page -> page.getFileName().toString()).sorted().toList());
    }
    assertTrue(Files.readString(folder.resolve("adoc/djinn-sample.adoc")).contains("*--seed*"));
    assertTrue(Files.readString(folder.resolve("djinn.bash")).contains("'--seed'"));
  }

  /** A command that a launcher does not know cannot be called, nor one that is in no module. */
  @ParameterizedTest
  @ValueSource(strings = {"../djinn", "archive/djinn.cmd"})
  void bothLaunchersListTheCommandsThatThereAre(String launcher) throws IOException {
    Matcher line =
        Pattern.compile("(?m)^(?:echo)? +([a-z]+) +[a-zA-Z].*$")
            .matcher(usage(Files.readString(Path.of(launcher))));
    TreeSet<String> listed = new TreeSet<>();
    while (line.find()) {
      listed.add(line.group(1));
    }
    assertEquals(commands(), listed);
  }

  private static String usage(String script) {
    int from = script.indexOf("Usage: djinn COMMAND");
    return script.substring(script.indexOf('\n', from), script.indexOf("native engines", from));
  }

  private static Set<String> commands() {
    return new TreeSet<>(Handbook.commands().getSubcommands().keySet());
  }
}
