package dev.djinn.exporter;

import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.network.Layer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The proof in full, as text to read beside the file. The same export gives the same text. */
final class ProofReport {
  private ProofReport() {}

  static byte[] of(
      Generator generator,
      ExportOptions options,
      Precision precision,
      Graph graph,
      Parity parity,
      OptionalDouble loss,
      LayerComparison layers) {
    StringBuilder text = new StringBuilder();
    line(text, "%s", parity);
    line(
        text,
        "compared with the trained network, run by DJL on PyTorch; %d latents of the prior, %d at"
            + " its edges",
        parity.rows() - Probes.EDGES,
        Probes.EDGES);
    line(text, "");
    line(text, "largest |file - network| on image, in [0, 1], by batch size:");
    parity.errorByBatch().forEach((batch, error) -> line(text, "  %4d  %.3e", batch, error));
    line(text, "share of pixels that differ at all: %.3e", parity.pixelsDiffering());
    loss.ifPresent(
        value ->
            line(
                text,
                "Fréchet distance of the pictures to those in full precision (FCD, %,d of the same"
                    + " latents): %.2e",
                PrecisionLoss.PICTURES,
                value));
    line(text, "");
    line(text, "by layer, as far as the file still has its value (relative to its largest):");
    layers
        .layers()
        .forEach(
            layer ->
                line(
                    text,
                    "  %-12s %.3e  %s",
                    layer.path(),
                    layer.error(),
                    settings(layer.layer())));
    if (!layers.problem().isEmpty()) {
      line(text, "  %s", layers.problem());
    }
    line(text, "");
    line(text, "provenance: %s", generator.provenance());
    line(text, "opset %d, IR version %d", OnnxWriter.OPSET, OnnxWriter.IR_VERSION);
    line(
        text,
        "target %s, precision %s, rewrites: %s",
        options.target().name().toLowerCase(Locale.ROOT),
        precision,
        options.optimizations().stream()
            .map(rewrite -> rewrite.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", ")));
    line(text, "");
    line(text, "%s", graph);
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** A layer's settings side by side, those of its weights among them. */
  private static String settings(Layer layer) {
    return layer.toString().replace("weights=", "");
  }
}
