package dev.djinn.exporter;

import dev.djinn.sampler.GeneratorContract;
import java.util.Locale;

/**
 * A model's {@code config.pbtxt}.
 *
 * @see <a
 *     href="https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html">Triton's
 *     model configuration</a>
 */
final class TritonConfig {
  private static final int MAX_BATCH = 512;

  private TritonConfig() {}

  /** Returns the text; shapes leave out the batch, as Triton wants where it batches itself. */
  static String of(String name, Generator generator) {
    GeneratorContract.Image size = generator.image();
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "name: \"%s\"\n", name));
    text.append("platform: \"onnxruntime_onnx\"\n");
    text.append(String.format(Locale.ROOT, "max_batch_size: %d\n", MAX_BATCH));
    text.append(
        tensor("input", "latent", "TYPE_FP32", Integer.toString(generator.latent().size())));
    if (!generator.labels().isEmpty()) {
      // Triton has no shape of rank 0: one number a row, which it hands on as (batch).
      text.append(
          """
          input {
            name: "label"
            data_type: TYPE_INT64
            dims: [ 1 ]
            reshape: { shape: [ ] }
          }
          """);
    }
    text.append(
        tensor(
            "output",
            "image",
            "TYPE_FP32",
            String.format(
                Locale.ROOT, "%d, %d, %d", size.channels(), size.height(), size.width())));
    text.append(
        tensor(
            "output",
            "pixels",
            "TYPE_UINT8",
            String.format(
                Locale.ROOT, "%d, %d, %d", size.height(), size.width(), size.channels())));
    text.append("dynamic_batching { }\n");
    return text.toString();
  }

  private static String tensor(String kind, String name, String type, String dims) {
    return String.format(
        Locale.ROOT,
        """
    %s {
      name: "%s"
      data_type: %s
      dims: [ %s ]
    }
    """,
        kind,
        name,
        type,
        dims);
  }
}
