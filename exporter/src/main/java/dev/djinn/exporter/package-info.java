/**
 * Writes trained networks to ONNX, exactly, and proves it: {@link dev.djinn.exporter.OnnxExporter}
 * converts the layers, rewrites the graph, runs the file beside the trained network and only then
 * lets it appear.
 *
 * <pre>{@code
 * ExportResult result = OnnxExporter.export(generator, ExportOptions.defaults(), directory);
 * System.out.println(result.file() + ", largest error " + result.parity().largestError());
 * }</pre>
 */
package dev.djinn.exporter;
