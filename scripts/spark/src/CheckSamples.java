import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Compares what SampleJob wrote with samples drawn here, one after the other. Usage: CheckSamples
 * MODEL.onnx COUNT SEED OUT
 */
public final class CheckSamples {
  private CheckSamples() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[1]);
    try (SparkSession spark = SparkSession.builder().appName("check").getOrCreate();
        Sampler sampler = Sampler.open(Path.of(args[0]))) {
      List<Row> rows = spark.read().parquet(args[3]).orderBy("index").collectAsList();
      SampleRequest request = SampleRequest.of(count).withSeed(Long.parseLong(args[2]));
      byte[] pixels = sampler.sample(request).pixels();
      int size = pixels.length / count;
      int different = 0;
      for (int i = 0; i < Math.min(count, rows.size()); i++) {
        byte[] here = Arrays.copyOfRange(pixels, i * size, (i + 1) * size);
        boolean same = rows.get(i).getLong(0) == i && Arrays.equals(here, rows.get(i).getAs("pixels"));
        different += same ? 0 : 1;
      }
      System.out.printf("%d samples on the cluster, %d here, %d differ%n", rows.size(), count, different);
      if (rows.size() != count || different > 0) {
        System.exit(1);
      }
    }
  }
}
