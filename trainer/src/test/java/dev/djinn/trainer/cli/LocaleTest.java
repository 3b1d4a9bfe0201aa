package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.report.Png;
import dev.djinn.report.SampleGrid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command as users start it, by the launcher in a process of its own, under other locales. What
 * is not ASCII is written as bash's escapes: this test's own JVM may not be able to say it.
 */
class LocaleTest {
  /** In UTF-8: an umlaut, a Chinese word, an emoji; and a name in Latin-1, which is no UTF-8. */
  private static final String UMLAUT = "$'K\\xc3\\xa4fer'";

  private static final String CHINESE = "$'\\xe7\\x8c\\xab'";
  private static final String EMOJI = "$'\\xf0\\x9f\\x90\\xb1.png'";
  private static final String LATIN = "$'K\\xe4fer.png'";

  @TempDir Path folder;

  private record Outcome(int code, String said) {}

  /** The launcher of the source tree, before what this test runs on. */
  @BeforeEach
  void install() throws IOException {
    Path target = Files.createDirectories(folder.resolve("djinn/trainer/target"));
    Files.writeString(target.resolve("classpath"), System.getProperty("java.class.path"));
    Files.createFile(target.resolve("trainer-0.jar"));
    Path launcher = Path.of("../scripts/djinn");
    Files.createDirectories(folder.resolve("djinn/scripts"));
    Files.copy(launcher, folder.resolve("djinn/scripts/djinn"));
    for (int i = 0; i < 4; i++) {
      byte[] pixels = new byte[28 * 28];
      new Random(i).nextBytes(pixels);
      Png.write(
          SampleGrid.columns(1).withPadding(0).ofBytes(pixels, 1, 28, 28),
          folder.resolve(i + ".png"));
    }
  }

  private Outcome bash(Map<String, String> environment, String... lines) throws Exception {
    Path log = folder.resolve("said");
    ProcessBuilder bash =
        new ProcessBuilder("bash", "-e", "-c", String.join("\n", lines))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    bash.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    bash.environment().put("JAVA_HOME", System.getProperty("java.home"));
    bash.environment().putAll(environment);
    int code = bash.start().waitFor();
    return new Outcome(code, Files.readString(log, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"LANG=C", "LC_ALL=POSIX"})
  void namesOfAnyKindAreReadAndWritten(String locale) throws Exception {
    String[] variable = locale.split("=", -1);
    Outcome outcome =
        bash(
            Map.of(variable[0], variable[1]),
            "mkdir -p data/" + UMLAUT + " data/" + CHINESE,
            "cp 0.png data/" + UMLAUT + "/" + EMOJI,
            "cp 1.png data/" + UMLAUT + "/" + LATIN,
            "cp 2.png 3.png data/" + CHINESE,
            "mv data " + UMLAUT,
            "djinn/scripts/djinn data " + UMLAUT + " -o " + CHINESE + ".png",
            "djinn/scripts/djinn train quick --steps 1 --batch 2 --threads 1 --data "
                + (UMLAUT + " --out " + CHINESE),
            "test -f " + CHINESE + ".png -a -f " + CHINESE + "/run.yaml");
    assertEquals(0, outcome.code(), outcome.said());
    for (String right :
        List.of(
            "name      K\u00e4fer\n",
            "images    4\n",
            "  K\u00e4fer        2 ",
            "  \u732b            2 ",
            "samples in \u732b.png\n",
            "trained 1 step in 0:")) {
      assertTrue(outcome.said().contains(right), right + " in " + outcome.said());
    }
    assertFalse(outcome.said().contains("skipped"), outcome.said());
  }

  /** Of which one has digits of its own, and others a comma for the point and a point for it. */
  @Test
  void numbersAreTheSameInEveryLocale() throws Exception {
    String english = said("-Duser.language=en -Duser.country=US");
    assertTrue(english.contains("images    10,000\n"), english);
    assertTrue(english.contains(" 0.0"), english);
    assertEquals(english, said("-Duser.language=de -Duser.country=DE"));
    assertEquals(english, said("-Duser.language=ar -Duser.country=EG -Duser.extensions=u-nu-arab"));
  }

  /** What commands print and a run writes, but for times. */
  private String said(String locale) throws Exception {
    Outcome outcome =
        bash(
            Map.of("DJINN_JAVA_OPTS", locale),
            "rm -rf run",
            "djinn/scripts/djinn data mnist-10k",
            "djinn/scripts/djinn train quick --steps 2000 --dry-run | sed '/^time here/d; /^memory/d'",
            "djinn/scripts/djinn train quick --steps 2 --batch 4 --threads 1 --out run >/dev/null 2>&1",
            "cut -d, -f1,2,5- run/log.csv",
            "sed '/seconds/d' run/checkpoints/000002/state.yaml",
            "cat run/run.yaml");
    assertEquals(0, outcome.code(), outcome.said());
    return outcome.said();
  }
}
