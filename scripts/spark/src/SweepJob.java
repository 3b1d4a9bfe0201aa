import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.sql.SparkSession;

/**
 * Spreads the runs of a sweep over a cluster. Each task is a process of djinn, so that runs on one
 * machine share no native threads or seeds. Rounds go on until the table is there: in each, all runs
 * that are still in train to the next number of steps.
 *
 * <p>Usage: spark-submit … spark-example.jar DJINN PRESET --vary … --out DIR …; DJINN is the launcher's
 * path on every machine, and DIR a folder that all share.
 */
public final class SweepJob {
  private SweepJob() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int at = List.of(args).indexOf("--out");
    if (args.length < 4 || at < 0 || at + 1 == args.length) {
      System.err.println("usage: SweepJob DJINN PRESET --vary KEY=V,V --out DIR [OPTION]...");
      System.exit(2);
    }
    List<String> sweep = new ArrayList<>(List.of(args));
    sweep.add(1, "sweep");
    Path table = Path.of(args[at + 1], "table.csv");
    int runs = (int) call(sweep, "--plan").stream().filter(line -> line.matches("\\d+  .*")).count();
    try (SparkSession spark = SparkSession.builder().appName("sweep").getOrCreate()) {
      JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
      List<Integer> indexes = IntStream.range(0, runs).boxed().toList();
      while (!Files.exists(table)) {
        context
            .parallelize(indexes, runs)
            .foreach(
                (VoidFunction<Integer>) index -> call(sweep, "--index", Integer.toString(index)));
      }
    }
    call(sweep).forEach(System.out::println);
  }

  /** What a call prints; it fails if the call does. */
  private static List<String> call(List<String> sweep, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(sweep);
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines = out.lines().toList();
    }
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
    }
    return lines;
  }
}
