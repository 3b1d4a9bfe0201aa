import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Draws samples on a cluster and writes them as Parquet: their number, their label and their pixels,
 * uint8 (height, width, channels). Sample i of a seed is the same on whatever executor it is drawn.
 *
 * <p>Usage: spark-submit … spark-example.jar MODEL.onnx COUNT SEED OUT; MODEL.onnx is a path that
 * every executor can read.
 */
public final class SampleJob {
  /** Samples a task draws: some seconds' worth, so that tasks are many and a lost one is cheap. */
  private static final int CHUNK = 10_000;

  private static final StructType SCHEMA =
      new StructType()
          .add("index", DataTypes.LongType)
          .add("label", DataTypes.IntegerType)
          .add("pixels", DataTypes.BinaryType);

  private SampleJob() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    if (args.length != 4) {
      System.err.println("usage: SampleJob MODEL.onnx COUNT SEED OUT");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("samples").getOrCreate()) {
      draw(spark, args[0], Long.parseLong(args[1]), Long.parseLong(args[2]))
          .write()
          .parquet(args[3]);
    }
  }

  /**
   * Gives the samples 0 to count − 1 of a seed.
   *
   * @param model path of the file on every executor
   */
  static Dataset<Row> draw(SparkSession spark, String model, long count, long seed) {
    int slots = slots(spark);
    List<Long> chunks = LongStream.range(0, (count + CHUNK - 1) / CHUNK).boxed().toList();
    return spark
        .createDataset(chunks, Encoders.LONG())
        .repartition(Math.max(1, chunks.size()))
        .flatMap(
            (FlatMapFunction<Long, Row>)
                chunk -> {
                  long first = chunk * CHUNK;
                  int size = (int) Math.min(CHUNK, count - first);
                  return rows(model, slots, SampleRequest.of(size).withSeed(seed).withFirstIndex(first));
                },
            Encoders.row(SCHEMA));
  }

  /** Tasks that an executor runs at a time. */
  private static int slots(SparkSession spark) {
    return spark.sparkContext().isLocal()
        ? spark.sparkContext().defaultParallelism()
        : Integer.parseInt(spark.sparkContext().getConf().get("spark.executor.cores", "1"));
  }

  /** Streams a chunk, in constant memory. */
  private static Iterator<Row> rows(String model, int slots, SampleRequest request) {
    AtomicLong next = new AtomicLong(request.firstIndex());
    return Shared.sampler(model, slots).stream(request.withOutputs(Output.PIXELS))
        .flatMap(part -> rows(part, next.getAndAdd(part.count())))
        .iterator();
  }

  private static Stream<Row> rows(Samples part, long first) {
    byte[] pixels = part.pixels();
    int[] labels = part.labels();
    int size = pixels.length / part.count();
    return IntStream.range(0, part.count())
        .mapToObj(
            i ->
                RowFactory.create(
                    first + i,
                    labels.length == 0 ? null : labels[i],
                    Arrays.copyOfRange(pixels, i * size, (i + 1) * size)));
  }

  /** A sampler a model and executor, which all its tasks share; it lives as long as the executor. */
  static final class Shared {
    private static final Map<String, Sampler> SAMPLERS = new ConcurrentHashMap<>();

    /** As many batches at a time as Spark runs tasks; a thread each. */
    static Sampler sampler(String model, int slots) {
      return SAMPLERS.computeIfAbsent(
          model,
          path -> Sampler.open(Path.of(path), SamplerOptions.DEFAULT.withWorkers(slots)));
    }

    /** How many sessions this executor has opened. */
    static int opened() {
      return SAMPLERS.size();
    }

    /** For another session of Spark in the same JVM. */
    static void close() {
      SAMPLERS.values().forEach(Sampler::close);
      SAMPLERS.clear();
    }
  }
}
