import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * What {@code djinn data} does with a folder of PNGs, its count of copies and its checksum included,
 * beside decoding the same files by ImageIO and nothing else, in turn. The processor's time is that
 * of all threads, collections of garbage too.
 */
public final class BenchData {
  private static final int SIDE = 64;
  private static final int CLASSES = 10;

  private record Cost(double wall, double processor) {
    static Cost of(Work work) throws IOException {
      System.gc();
      long before = spent();
      long wall = System.nanoTime();
      work.run();
      return new Cost((System.nanoTime() - wall) / 1e9, (spent() - before) / 1e9);
    }

    private static long spent() {
      return ((com.sun.management.OperatingSystemMXBean)
              ManagementFactory.getOperatingSystemMXBean())
          .getProcessCpuTime();
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  /**
   * Runs it.
   *
   * @param args a folder for the pictures, how many, and rounds
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    int count = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    ImageIO.setUseCache(false);
    make(folder, count);
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    List<Double> wall = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    System.out.printf("%5s %22s %22s %7s %9s%n", "round", "decoding alone", "data", "ratio", "processor");
    for (int round = -1; round < rounds; round++) {
      // The first warms up, on fewer.
      List<Path> some = round < 0 ? files.subList(0, Math.min(2000, count)) : files;
      Cost alone = Cost.of(() -> decode(some));
      Cost data = Cost.of(() -> read(folder, count));
      if (round >= 0) {
        wall.add(data.wall / alone.wall);
        processor.add(data.processor / alone.processor);
        System.out.printf(
            Locale.ROOT,
            "%5d %12.2f s %6.2f s %12.2f s %6.2f s %7.2f %9.2f%n",
            round + 1,
            alone.wall,
            alone.processor,
            data.wall,
            data.processor,
            wall.get(round),
            processor.get(round));
      }
    }
    System.out.printf(Locale.ROOT, "figure data.png.vs_decoding %.2f%n", middle(wall));
    System.out.printf(Locale.ROOT, "figure data.png.vs_decoding_processor %.2f%n", middle(processor));
  }

  private static double middle(List<Double> ratios) {
    return ratios.stream().sorted().toList().get(ratios.size() / 2);
  }

  private static void decode(List<Path> files) throws IOException {
    for (Path file : files) {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(Files.readAllBytes(file)));
      if (image.getWidth() != SIDE) {
        throw new IllegalStateException(file + " is not what was written");
      }
    }
  }

  private static void read(Path folder, int count) {
    ImageSet set = DataSets.open(folder.toString(), DataOptions.defaults());
    if (set.count() != count || set.copies() != 0 || set.checksum().length() != 64) {
      throw new IllegalStateException("not all pictures were read");
    }
  }

  /** Waves of three colours under a little noise, so that PNG packs them as it does photographs. */
  private static void make(Path folder, int count) throws IOException {
    Random random = new Random(1);
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_3BYTE_BGR);
    double[] waves = new double[9];
    for (int i = 0; i < count; i++) {
      Arrays.setAll(waves, k -> random.nextDouble() * 0.3);
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          int rgb = 0;
          for (int c = 0; c < 3; c++) {
            double wave = Math.sin(waves[3 * c] * x + waves[3 * c + 1] * y + 20 * waves[3 * c + 2]);
            rgb = rgb << 8 | (int) (128 + 110 * wave + 8 * random.nextDouble());
          }
          image.setRGB(x, y, rgb);
        }
      }
      Path file = folder.resolve("class" + i % CLASSES).resolve("%06d.png".formatted(i));
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
  }
}
