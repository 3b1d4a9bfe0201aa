package dev.djinn.exporter;

import dev.djinn.graph.Graph;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * A file that was written.
 *
 * @param file the {@code .onnx} file
 * @param bytes its size
 * @param graph what it computes
 * @param precision what it is in: full, whatever was asked for, if the network is too small for
 *     less
 * @param parity how far it is from the trained network
 * @param precisionLoss of a file in a lower precision, the Fréchet distance between its pictures
 *     and those in full precision of the same latents, in the features of the data's classifier;
 *     empty in full precision, and where Djinn carries no classifier for such data
 */
public record ExportResult(
    Path file,
    long bytes,
    Graph graph,
    Precision precision,
    Parity parity,
    OptionalDouble precisionLoss) {}
