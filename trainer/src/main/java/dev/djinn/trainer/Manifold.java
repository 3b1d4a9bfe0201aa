package dev.djinn.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkBlock;
import dev.djinn.report.EdgeLabels;
import dev.djinn.report.Png;
import dev.djinn.report.SampleGrid;
import dev.djinn.settings.LatentSpec;
import dev.djinn.settings.Settings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * All that a latent of two numbers reaches: for each label a sheet of 15×15 pictures whose latents
 * are the prior's quantiles at 0.05 … 0.95, the first number from left to right, the second from
 * top to bottom, written along the edges. {@code manifold-<label>.png} is the newest sheet, {@code
 * manifold/<label>/} keeps all of them and {@code manifold-<label>.gif} shows them one after the
 * other.
 */
final class Manifold {
  static final int SIDE = 15;

  /** Quantiles of the standard normal at 0.5 + 0.9 k / 14, k = 0 … 7; the rest is symmetric. */
  private static final double[] NORMAL = {
    0,
    0.161_844_166_803_962_13,
    0.328_072_107_531_651_1,
    0.503_965_367_211_345_3,
    0.697_141_434_846_341_8,
    0.920_822_976_368_378_6,
    1.204_046_960_026_701_9,
    1.644_853_626_951_472_6
  };

  private final Settings settings;
  private final Path run;
  private final NDManager manager;
  private final NDArray latents;
  private final SampleGrid grid;
  private final List<String> edge;
  private final List<Part> parts;

  /** The sheets of one label; a network without labels has one part, of no name. */
  private record Part(int label, String title, Path current, Path animation, FrameFolder frames) {}

  Manifold(Settings settings, List<String> classes, Path run, NDManager manager) {
    this.settings = settings;
    this.run = run;
    this.manager = manager;
    this.latents = manager.create(latents(settings.latent()), new Shape(SIDE * SIDE, 2));
    this.edge =
        IntStream.range(0, SIDE).mapToObj(i -> number(quantile(settings.latent(), i))).toList();
    this.grid =
        SampleGrid.columns(SIDE)
            .withPadding(0)
            .withScale(1)
            .withDarkOnLight(settings.recording().samples().darkOnLight());
    this.parts = settings.conditional() ? parts(classes) : List.of(part(0, "", "manifold", "all"));
  }

  /** Latents in the order of the pictures, two numbers each. */
  static float[] latents(LatentSpec prior) {
    float[] latents = new float[2 * SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
      latents[2 * i] = (float) quantile(prior, i % SIDE);
      latents[2 * i + 1] = (float) quantile(prior, i / SIDE);
    }
    return latents;
  }

  private static double quantile(LatentSpec prior, int place) {
    int fromMiddle = place - SIDE / 2;
    return switch (prior.distribution()) {
      case NORMAL -> Integer.signum(fromMiddle) * NORMAL[Math.abs(fromMiddle)];
      case UNIFORM ->
          prior.low() + (0.5 + 0.9 / (SIDE - 1) * fromMiddle) * (prior.high() - prior.low());
    };
  }

  /** As short as a small picture is wide: 1.6, .70. */
  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 1 ? "%.1f" : "%.2f", value)
        .replaceFirst("^(-?)0\\.", "$1.");
  }

  /** A label's own name is in its files' names where that is safe and nobody else's. */
  private List<Part> parts(List<String> classes) {
    List<String> safe =
        classes.stream().map(name -> name.replaceAll("[^\\p{L}\\p{N}_-]", "_")).toList();
    boolean distinct =
        safe.stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct().count() == safe.size();
    List<Part> all = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      String name = distinct ? safe.get(label) : Integer.toString(label);
      all.add(part(label, "label " + classes.get(label) + ", ", "manifold-" + name, name));
    }
    return all;
  }

  private Part part(int label, String title, String file, String frames) {
    return new Part(
        label,
        title,
        run.resolve(file + ".png"),
        run.resolve(file + ".gif"),
        new FrameFolder(run.resolve("manifold").resolve(frames)));
  }

  /** Writes a sheet a label, with the generator in inference mode. */
  void write(NetworkBlock generator, long step) throws IOException {
    for (Part part : parts) {
      long[] labels = new long[SIDE * SIDE];
      Arrays.fill(labels, part.label());
      try (NDManager scope = manager.newSubManager()) {
        BufferedImage sheet =
            EdgeLabels.around(
                SampleSheet.draw(settings, grid, generator, latents, scope.create(labels), scope),
                edge,
                edge,
                settings.recording().samples().darkOnLight());
        part.frames().write(sheet, step);
        Png.write(sheet, part.current());
      }
    }
  }

  void animate() throws IOException {
    for (Part part : parts) {
      part.frames().animate(part.animation(), part.title());
    }
  }

  void keep(LongPredicate stays) throws IOException {
    for (Part part : parts) {
      part.frames().keep(stays);
    }
  }

  /** The newest sheets that exist. */
  List<Path> current() {
    return parts.stream().map(Part::current).toList();
  }
}
