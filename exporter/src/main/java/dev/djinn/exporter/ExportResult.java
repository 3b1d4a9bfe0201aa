package dev.djinn.exporter;

import dev.djinn.graph.Graph;
import java.nio.file.Path;

/**
 * A file that was written.
 *
 * @param file the {@code .onnx} file
 * @param bytes its size
 * @param graph what it computes
 * @param parity how far it is from the trained network
 */
public record ExportResult(Path file, long bytes, Graph graph, Parity parity) {}
