import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Compares what SampleJob wrote, and what it gives when each task's first try fails, with samples
 * drawn here, one after the other; then times one thread and two. Usage: CheckSamples MODEL.onnx
 * COUNT SEED OUT
 */
public final class CheckSamples {
  private static final int ROUNDS = 3;

  private CheckSamples() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    String model = args[0];
    int count = Integer.parseInt(args[1]);
    long seed = Long.parseLong(args[2]);
    boolean right;
    // Two threads, and two tries a task.
    try (SparkSession spark = session("local[2,2]")) {
      right = compare("written", spark.read().parquet(args[3]), model, count, seed);
      Dataset<Row> drawn = SampleJob.draw(spark, model, count, seed);
      Dataset<Row> again =
          drawn.mapPartitions(
              (MapPartitionsFunction<Row, Row>)
                  rows -> {
                    List<Row> all = new ArrayList<>();
                    rows.forEachRemaining(all::add);
                    if (TaskContext.get().attemptNumber() == 0) {
                      throw new IllegalStateException("a first try, which is to fail");
                    }
                    return all.iterator();
                  },
              drawn.encoder());
      right &= compare("tried again", again, model, count, seed);
      System.out.println(SampleJob.Shared.opened() + " session in this executor");
      right &= SampleJob.Shared.opened() == 1;
    }
    if (!right) {
      System.exit(1);
    }
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round <= ROUNDS; round++) {
      double one = seconds("local[1]", model, 4 * count, seed);
      double two = seconds("local[2]", model, 4 * count, seed);
      if (round > 0) { // The first is for the JVM to warm up.
        ratios.add(one / two);
      }
    }
    ratios.sort(null);
    System.out.printf(
        Locale.ROOT,
        "local[2] is %.2f times as fast as local[1] (%.2f to %.2f), on %d processors%n"
            + "figure spark.local2_vs_local1 %.3f%n",
        ratios.get(ROUNDS / 2),
        ratios.get(0),
        ratios.get(ROUNDS - 1),
        Runtime.getRuntime().availableProcessors(),
        ratios.get(ROUNDS / 2));
  }

  private static SparkSession session(String master) {
    SampleJob.Shared.close();
    return SparkSession.builder().appName("check").master(master).getOrCreate();
  }

  /** Draws all, and drops what was drawn. */
  private static double seconds(String master, String model, int count, long seed)
      throws IOException {
    try (SparkSession spark = session(master)) {
      SampleJob.draw(spark, model, 1, seed).count();
      long start = System.nanoTime();
      SampleJob.draw(spark, model, count, seed)
          .foreachPartition(
              (ForeachPartitionFunction<Row>) rows -> rows.forEachRemaining(row -> {}));
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static boolean compare(
      String what, Dataset<Row> dataset, String model, int count, long seed) {
    List<Row> rows = dataset.orderBy("index").collectAsList();
    byte[] pixels;
    try (Sampler sampler = Sampler.open(Path.of(model))) {
      pixels = sampler.sample(SampleRequest.of(count).withSeed(seed)).pixels();
    }
    int size = pixels.length / count;
    int different = 0;
    for (int i = 0; i < Math.min(count, rows.size()); i++) {
      byte[] here = Arrays.copyOfRange(pixels, i * size, (i + 1) * size);
      boolean same = rows.get(i).getLong(0) == i && Arrays.equals(here, rows.get(i).getAs("pixels"));
      different += same ? 0 : 1;
    }
    System.out.printf(
        "%s: %d samples on the cluster, %d here, %d differ%n", what, rows.size(), count, different);
    return rows.size() == count && different == 0;
  }
}
