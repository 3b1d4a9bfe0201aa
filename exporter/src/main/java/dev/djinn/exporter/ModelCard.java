package dev.djinn.exporter;

import dev.djinn.data.DataSets;
import dev.djinn.evaluation.Quality;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Distribution;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A model's README: what it is, where it comes from, how well it is proven, how to call it. */
final class ModelCard {
  /** How training went, beside the versions. */
  static final String LOSSES = "losses.png";

  private ModelCard() {}

  /**
   * Writes the card.
   *
   * @param losses whether {@value #LOSSES} lies beside it
   */
  static String of(String name, Generator generator, ExportResult made, boolean losses) {
    GeneratorContract.Image size = generator.image();
    Map<String, Object> from = generator.provenance();
    boolean conditional = !generator.labels().isEmpty();
    return String.format(
        Locale.ROOT,
        """
    # %1$s

    A generator of pictures, %2$d × %3$d with %4$s, made with Djinn.%5$s

    ![64 pictures of seed 42](samples.png)

    | | |
    | --- | --- |
    | preset | %6$s |
    | training | %7$s steps, seed %8$s |
    | data | %9$s |
    | licence of the data | %22$s |
    | latent | %10$s |
    | precision | %20$s |
    | parity with the trained network | %11$s |

    Inputs are `latent` float32 (batch, %12$d)%13$s; outputs `image` float32 (batch, %14$d, %3$d, %2$d) in [0, 1] and `pixels` uint8 (batch, %3$d, %2$d, %14$d). `proof.txt` beside the file has the comparison in full.

    ## Quality

    %21$s
    ## Java

    ```java
    try (Sampler sampler = Sampler.open(Path.of("models/%1$s"))) {
      ImageIO.write(sampler.sample(SampleRequest.of(64).withSeed(42)).toGrid(8), "png", new File("grid.png"));
    }
    ```

    ## curl

    ```
    djinn serve models          # in another terminal
    curl -o grid.png 'http://127.0.0.1:8000/v2/models/%1$s/samples?count=64&seed=42'
    ```

    ## Python

    ```python
    import numpy, onnxruntime
    session = onnxruntime.InferenceSession("models/%1$s/%19$s/model.onnx")
    latent = %15$s
    pixels, = session.run(["pixels"], {"latent": latent%16$s})
    ```

    ## Browser

    ```html
    <script type="module">
      import * as ort from "https://cdn.jsdelivr.net/npm/onnxruntime-web/dist/ort.min.mjs";
      const session = await ort.InferenceSession.create("model.onnx");
      const latent = new ort.Tensor("float32", Float32Array.from({ length: %12$d }, %17$s), [1, %12$d]);
      const { pixels } = await session.run({ latent%18$s });
    </script>
    ```
    """,
        name,
        size.width(),
        size.height(),
        channels(size),
        conditional
            ? " It draws what the label says: " + String.join(", ", generator.labels()) + "."
            : "",
        from.getOrDefault("preset", "not stated"),
        steps(from.get("steps"), generator.length()),
        from.getOrDefault("seed", "unknown"),
        data(from.get(Generator.DATA)),
        prior(generator.latent()),
        made.parity(),
        generator.latent().size(),
        conditional ? " and `label` int64 (batch), see `labels.txt`" : "",
        size.channels(),
        pythonLatent(generator.latent()),
        conditional ? ", \"label\": numpy.zeros(64, numpy.int64)" : "",
        browserLatent(generator.latent()),
        conditional ? ", label: new ort.Tensor(\"int64\", [0n], [1])" : "",
        made.file().toAbsolutePath().getParent().getFileName(),
        made.precision()
            + (made.precisionLoss().isPresent()
                ? "; FCD to the pictures in full precision "
                    + number(made.precisionLoss().getAsDouble())
                : ""),
        quality(generator.quality()) + (losses ? "\n![Losses](" + LOSSES + ")\n" : ""),
        licence(from.get(Generator.DATA)));
  }

  private static String channels(GeneratorContract.Image size) {
    return switch (size.channels()) {
      case 1 -> "one channel";
      case 4 -> "4 channels, the last being alpha (colours are not multiplied by it)";
      default -> size.channels() + " channels";
    };
  }

  /** A training that was stopped before its end says so. */
  private static String steps(Object done, long length) {
    if (!(done instanceof Number steps)) {
      return "unknown";
    }
    return steps.longValue() < length
        ? String.format(Locale.ROOT, "%,d of %,d", steps.longValue(), length)
        : String.format(Locale.ROOT, "%,d", steps.longValue());
  }

  private static String data(Object data) {
    return data instanceof Map<?, ?> map
        ? String.format(
            Locale.ROOT,
            "%s, %s pictures, SHA-256 `%s`",
            map.get("name"),
            map.get("count"),
            map.get("sha256"))
        : "not stated";
  }

  /** The figures of {@code djinn evaluate}, with their spread and what real pictures get. */
  private static String quality(Map<String, Double> figures) {
    if (figures.isEmpty()) {
      return "Not evaluated.\n";
    }
    StringBuilder table = new StringBuilder("| | generated | real |\n| --- | --- | --- |\n");
    Quality.TITLES.forEach(
        (name, title) -> {
          if (figures.containsKey(name) || figures.containsKey("real_" + name)) {
            table.append(
                String.format(
                    Locale.ROOT,
                    "| %s | %s | %s |\n",
                    title.strip(),
                    figure(figures, name),
                    figure(figures, "real_" + name)));
          }
        });
    if (figures.containsKey("samples")) {
      table.append("\nBy `djinn evaluate`");
      if (figures.containsKey("evaluations")) {
        table.append(", ").append(number(figures.get("evaluations"))).append(" times over");
      }
      table.append(
          String.format(
              Locale.ROOT, " with %s pictures of each side", number(figures.get("samples"))));
      table.append(".\n");
    }
    return table.toString();
  }

  private static String figure(Map<String, Double> figures, String name) {
    if (!figures.containsKey(name)) {
      return "";
    }
    Double spread = figures.get(name + "_sd");
    return number(figures.get(name)) + (spread == null ? "" : " ± " + number(spread));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.4g", value);
  }

  /** The data's, which a model made of them may have to follow. */
  private static String licence(Object data) {
    if (!(data instanceof Map<?, ?> map)) {
      return "not stated";
    }
    return Optional.ofNullable(map.get(Generator.LICENCE))
        .map(String::valueOf)
        .or(() -> DataSets.licence(String.valueOf(map.get("name"))))
        .orElse("not known to Djinn; ask whoever made the pictures");
  }

  private static String prior(GeneratorContract.Latent latent) {
    return latent.distribution() == Distribution.NORMAL
        ? latent.size() + " numbers, standard normal"
        : String.format(
            Locale.ROOT,
            "%d numbers, uniform in [%s, %s]",
            latent.size(),
            latent.low(),
            latent.high());
  }

  private static String pythonLatent(GeneratorContract.Latent latent) {
    return latent.distribution() == Distribution.NORMAL
        ? String.format(
            Locale.ROOT, "numpy.random.randn(64, %d).astype(numpy.float32)", latent.size())
        : String.format(
            Locale.ROOT,
            "numpy.random.uniform(%s, %s, (64, %d)).astype(numpy.float32)",
            latent.low(),
            latent.high(),
            latent.size());
  }

  private static String browserLatent(GeneratorContract.Latent latent) {
    return latent.distribution() == Distribution.NORMAL
        ? "() => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI *"
            + " Math.random())"
        : String.format(
            Locale.ROOT,
            "() => %s + %s * Math.random()",
            latent.low(),
            latent.high() - latent.low());
  }
}
