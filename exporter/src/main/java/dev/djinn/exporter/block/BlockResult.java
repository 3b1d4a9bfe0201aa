package dev.djinn.exporter.block;

import dev.djinn.graph.Graph;
import java.nio.file.Path;

/**
 * A file that was written of a plain DJL block.
 *
 * @param file the {@code .onnx} file
 * @param bytes its size
 * @param graph what it computes
 * @param proof how far it is from the block
 */
public record BlockResult(Path file, long bytes, Graph graph, BlockProof proof) {}
