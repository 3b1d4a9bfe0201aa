package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.TorchEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input: one line, the right exit code, nothing left behind. */
class TrainerMainTest {
  @TempDir Path folder;

  private record Outcome(int code, String error) {}

  private static Outcome djinn(String[] args, String last) {
    String[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = last;
    return djinn(all);
  }

  private static Outcome djinn(String... args) {
    StringWriter err = new StringWriter();
    int code = TrainerMain.run(args, new PrintWriter(err, true));
    return new Outcome(code, err.toString());
  }

  private void fails(int code, String message, String... args) {
    Path out = folder.resolve("run");
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--out";
    all[args.length + 1] = out.toString();
    Outcome outcome = djinn(all);
    assertEquals(code, outcome.code(), outcome.error());
    assertTrue(outcome.error().startsWith("djinn: "), outcome.error());
    assertTrue(outcome.error().contains(message), outcome.error());
    assertEquals(1, outcome.error().lines().count(), outcome.error());
    assertFalse(Files.exists(out), "left " + out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train dcgn | unknown preset 'dcgn'; did you mean dcgan? Known are quick",
        "train | give a PRESET or FILE",
        "train quick --steps 0 | --steps must be at least 1, got 0",
        "train quick --steps x | --steps: 'x' is not a whole number (see djinn train --help)",
        "train quick --set steps | --set: 'steps' is not key=value (see djinn train --help)",
        "train quick --set steps.more=1 | --set steps.more: steps is a single value and has no 'more'",
        "train quick --set generator.layers.x=1 | generator.layers is a list, whose entries count from 0, and",
        "classifier mnist-10k -o x --epochs 0 | --epochs must be at least 1, got 0",
        "classifier mnist-10k -o x --threads x | --threads: 'x' is not a whole number",
        "train quick --steps 5 --epochs 2 | give either --steps or --epochs",
        "train quick --threads 0 | --threads must be at least 1",
        "train quick --batch 20000000 | batch: must be from 1 to 100000",
        "train quick --set nothing=1 | unknown key 'nothing'; known are image, run",
        "train quick --set loss=hings | unknown value 'hings'; did you mean hinge? Known are",
        "train quick --device tpu | device 'tpu' is not auto, cpu, gpu or gpu:N",
        "train quick --data mnits | unknown data set 'mnits'; did you mean mnist? Known are",
        "train quick --stop-after 90 | --stop-after must be a time such as 90m, 1h30m or 45s, got 90",
        "train quick --stop-after 0s | --stop-after must be at least 1s, got 0s",
        "train quick --allow batch | --allow is for --resume",
        "train quick --classifier mnist | --classifier is for --metrics or --target",
        "train quick --frobnicate | unknown option '--frobnicate' (see djinn train --help)"
      })
  void badUsageIsExitCode2(String line, String message) {
    fails(2, message, line.split(" "));
  }

  @Test
  void demandedGpuThatIsMissingFails() {
    Assumptions.assumeTrue(TorchEngine.get().getGpuCount() == 0, "this machine has a GPU");
    fails(
        1,
        "device gpu is not there: libtorch sees no CUDA GPU",
        "train",
        "quick",
        "--device",
        "gpu");
  }

  @Test
  void dataThatDoesNotFitTheNetworkFails() {
    fails(
        1,
        "has pictures of 28×28×1 but the network is for 32×32×1",
        "train",
        "quick",
        "--set",
        "image.side=32");
    fails(
        1,
        "fewer than a batch of 50000; take --batch 10000 or less",
        "train",
        "quick",
        "--batch",
        "50000");
  }

  @Test
  void truncatedIdxFails() throws IOException {
    Path images = folder.resolve("train-images-idx3-ubyte.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(images))) {
      out.write(new byte[] {0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3});
    }
    fails(1, "train-images-idx3-ubyte.gz", "train", "quick", "--data", images.toString());
  }

  @Test
  void unwritableOutputFails() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Outcome outcome = djinn("train", "quick", "--out", file.resolve("run").toString());
    assertEquals(1, outcome.code());
    assertTrue(outcome.error().contains("cannot write to " + file), outcome.error());
  }

  @Test
  void resumeWithoutARunFails() {
    fails(1, "holds no run", "train", "--resume");
  }

  @Test
  void aRunOfANetworkFileIsLookedForWhereItIsWritten() throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file, dev.djinn.run.Presets.text("quick").replace("name: quick", "name: another"));
    Outcome outcome = djinn("train", file.toString(), "--resume");
    assertEquals(1, outcome.code());
    assertTrue(outcome.error().contains(Path.of("runs", "another") + " holds no"), outcome.error());
    outcome = djinn("train", file.toString(), "--resume", "--set", "name=third");
    assertTrue(outcome.error().contains(Path.of("runs", "third") + " holds no"), outcome.error());
  }

  @Test
  void mistakeInANetworkFileNamesFileAndLine() throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file, dev.djinn.run.Presets.text("quick").replace("- reshape: [128,", "- reshape: [127,"));
    fails(2, "mine.yaml:", "train", file.toString());
    fails(
        2, "reshape to [127, 7, 7] needs 6223 elements, (6272) has 6272", "train", file.toString());
  }

  @Test
  void theReportsCommandGivesTheSameRun() throws IOException {
    Path run = folder.resolve("a run");
    Outcome outcome =
        djinn(
            ("train quick --steps 2 --batch 8 --seed 3 --threads 1 --image-size 28"
                    + " --set sample-every=1 --set generator.layers.0.dense.units=16*7*7"
                    + " --set generator.layers.3.reshape=[16,7,7] --out")
                .split(" "),
            run.toString());
    assertEquals(0, outcome.code(), outcome.error());
    Matcher command =
        Pattern.compile("<pre>djinn (.*)</pre>")
            .matcher(Files.readString(run.resolve("report.html")));
    assertTrue(command.find());
    // A shell's view of the words: quotes keep blanks together.
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("&#39;(.*?)&#39;|\\S+").matcher(command.group(1));
    while (word.find()) {
      words.add(word.group(1) == null ? word.group() : word.group(1));
    }
    Outcome again = djinn(words.toArray(String[]::new));
    assertEquals(0, again.code(), again.error());
    for (String file :
        List.of(
            "checkpoints/000002/generator.safetensors",
            "checkpoints/000002/optimizers.safetensors",
            "samples/000001.png")) {
      assertArrayEquals(
          Files.readAllBytes(run.resolve(file)),
          Files.readAllBytes(folder.resolve("a run-again").resolve(file)),
          file);
    }
  }

  @Test
  void aDryRunTellsTimeAndWhatIsUnusualAndLeavesNothing() throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream before = System.out;
    Path out = folder.resolve("run");
    try {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      assertEquals(
          0, djinn("train", "quick", "--dry-run", "--batch", "8", "--out", out.toString()).code());
    } finally {
      System.setOut(before);
    }
    String text = said.toString(StandardCharsets.UTF_8);
    assertTrue(text.matches("(?s).*\\Rtime here  [0-9:]+ for 1,400 steps, [0-9.]+ s each.*"), text);
    assertTrue(text.contains("conv {channels 32, kernel 4, stride 2, padding same"), text);
    assertFalse(text.contains("spectral-norm"), text);
    assertFalse(Files.exists(out));
    Files.createDirectories(out);
    Files.createFile(out.resolve("thesis.txt"));
    Outcome refused = djinn("train", "quick", "--dry-run", "--out", out.toString());
    assertEquals(1, refused.code(), refused.error());
    assertTrue(refused.error().contains("it holds thesis.txt"), refused.error());
  }

  @Test
  void helpAndListsSucceed() {
    for (String line :
        new String[] {
          "--help",
          "train --help",
          "presets",
          "presets dcgan",
          "sweep --help",
          "--version",
          "train quick --dry-run"
        }) {
      assertEquals(0, djinn(line.split(" ")).code(), line);
    }
  }
}
