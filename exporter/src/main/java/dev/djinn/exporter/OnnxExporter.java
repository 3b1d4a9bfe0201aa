package dev.djinn.exporter;

import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.pass.Optimization;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.sampler.ContractReader;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.SamplerException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Writes generators as ONNX files by the artifact contract, and compares files with generators. */
public final class OnnxExporter {
  private OnnxExporter() {}

  /**
   * Writes {@code model.onnx} into a folder: converts, rewrites, runs the result beside the trained
   * network, and lets the file appear only if it holds, with the proof in full beside it.
   *
   * @param generator what to write
   * @param options how
   * @param directory made if it is not there; a {@code model.onnx} in it is replaced, its proof
   *     with it, and its {@code model.onnx.sha256} deleted
   * @return the file and its proof
   * @throws ExportException if the file is not the network within the tolerance, or cannot be
   *     written; then there is no new file, unless it was only the proof that could not be written
   */
  public static ExportResult export(Generator generator, ExportOptions options, Path directory) {
    Graph exact = Optimization.applyAll(GeneratorGraph.of(generator), options.optimizations());
    Graph graph = options.precision().apply(exact, generator);
    byte[] unproven = OnnxWriter.write(graph, generator.contract(Map.of()).toMetadata());
    // A network too small to be worth fewer bits stays as it is, and its file says so.
    Precision precision = Precision.of(unproven);
    Verifier verifier = new Verifier(generator, options.tolerance().orElse(precision.tolerance()));
    Parity parity = prove(unproven, verifier, precision);
    OptionalDouble loss =
        precision == Precision.FP32
            ? OptionalDouble.empty()
            : PrecisionLoss.between(OnnxWriter.write(exact, Map.of()), unproven, generator);
    byte[] report =
        ProofReport.of(
            generator, options, precision, graph, parity, loss, verifier.layers(unproven));
    Map<String, Object> proof = parity.toJson(precision);
    loss.ifPresent(value -> proof.put("fcd_to_fp32", value));
    byte[] model = OnnxWriter.write(graph, generator.contract(proof).toMetadata());
    Path file = directory.resolve(ModelFiles.FILE);
    ExportFiles.replaceModel(file, model);
    ExportFiles.write(directory.resolve(ExportFiles.PROOF), report);
    return new ExportResult(file, model.length, graph, precision, parity, loss);
  }

  /**
   * Compares a file with a generator, within the usual error of the precision that its graph is in.
   *
   * @throws ExportException if they differ by more, in their contracts or their outputs
   */
  public static Parity verify(Path file, Generator generator) {
    return verify(file, generator, OptionalDouble.empty());
  }

  /**
   * Compares a file with a generator.
   *
   * @param file an exported file
   * @param generator what it should be
   * @param tolerance largest error allowed on {@code image}; if empty, what is usual of the
   *     precision that the file's graph is in
   * @return how far they are apart; {@link Parity#holds} is true
   * @throws ExportException if they differ by more, in their contracts or their outputs
   */
  public static Parity verify(Path file, Generator generator, OptionalDouble tolerance) {
    byte[] model = ExportFiles.read(file);
    try {
      GeneratorContract told = contract(model);
      Precision precision = Precision.of(model);
      Object claimed = told.parity().getOrDefault("precision", Precision.FP32.toString());
      if (!precision.toString().equals(claimed)) {
        throw new ExportException(
            "it says of itself that it is in %s, but its graph is in %s"
                .formatted(claimed, precision));
      }
      GeneratorContract expected = generator.contract(Map.of());
      difference(told, expected)
          .or(() -> difference(told.provenance(), expected.provenance()))
          .ifPresent(
              what -> {
                throw new ExportException("it is not of this run: its " + what);
              });
      Verifier verifier = new Verifier(generator, tolerance.orElse(precision.tolerance()));
      return prove(model, verifier, precision);
    } catch (ExportException e) {
      throw new ExportException(file + ": " + e.getMessage(), e);
    }
  }

  /** Returns the graph of any network without rewrites, from {@code input} to {@code output}. */
  public static Graph graph(Network network, Weights weights) {
    return GeneratorGraph.of(network, weights);
  }

  /**
   * Adds a network's layers to a graph that is more than it.
   *
   * @param network its layers and arrays
   * @param graph takes the nodes
   * @param prefix how the names of all that is added begin
   * @param input the value that it reads, (batch, input shape)
   * @param label the value of the labels, int64 (batch); null for an unconditional network
   * @return the value that it makes, (batch, output shape)
   */
  public static String add(
      NetworkBlock network, GraphBuilder graph, String prefix, String input, String label) {
    return new NetworkConverter(graph, Weights.of(network).under(prefix), input, label)
        .add(network.network().steps(prefix));
  }

  private static Parity prove(byte[] model, Verifier verifier, Precision precision) {
    Parity parity = verifier.compare(model);
    if (!parity.holds() && precision != Precision.FP32) {
      throw new ExportException(
          "in %s the model is further from the trained network than allowed: %s; allow more with"
                  .formatted(precision, parity)
              + " --max-error, or take a higher precision");
    }
    if (!parity.holds()) {
      throw new ExportException(
          "the model is not the trained network: %s; %s"
              .formatted(parity, verifier.layers(model).explain(parity.tolerance())));
    }
    if (!(parity.meanError() <= precision.meanTolerance())) {
      throw new ExportException(
          "in %s the model's pictures are not the trained network's: %s, a mean of %.1e is allowed"
                  .formatted(precision, parity, precision.meanTolerance())
              + "; take a higher precision");
    }
    return parity;
  }

  /**
   * Reads what a file says about itself.
   *
   * @throws ExportException if it cannot be read, or says nothing that is understood
   */
  static GeneratorContract contract(Path file) {
    byte[] model = ExportFiles.read(file);
    try {
      return contract(model);
    } catch (ExportException e) {
      throw new ExportException(file + ": " + e.getMessage(), e);
    }
  }

  private static GeneratorContract contract(byte[] model) {
    try (OnnxRun run = OnnxRun.open(model)) {
      return ContractReader.read(run.metadata());
    } catch (SamplerException e) {
      throw new ExportException(e.getMessage(), e);
    }
  }

  /** Returns the first part that callers see in which two contracts differ, and how. */
  static Optional<String> difference(GeneratorContract told, GeneratorContract expected) {
    return difference("latent", told.latent(), expected.latent())
        .or(() -> difference("labels", told.labels(), expected.labels()))
        .or(() -> difference("image", told.image(), expected.image()));
  }

  /** Versions aside: a run that was resumed has those of its last session, not of each file's. */
  private static Optional<String> difference(
      Map<String, Object> told, Map<String, Object> expected) {
    Set<String> names = new LinkedHashSet<>(expected.keySet());
    names.addAll(told.keySet());
    names.remove("versions");
    return names.stream()
        .flatMap(name -> difference(name, stated(told, name), stated(expected, name)).stream())
        .findFirst();
  }

  private static Object stated(Map<String, Object> provenance, String name) {
    return provenance.getOrDefault(name, "not stated");
  }

  private static Optional<String> difference(String what, Object told, Object expected) {
    return Objects.equals(told, expected)
        ? Optional.empty()
        : Optional.of("%s is %s, not %s".formatted(what, told, expected));
  }
}
