package dev.djinn.exporter;

import ai.djl.nn.Block;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.pass.Optimization;
import dev.djinn.network.Network;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.SamplerException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;

/** Writes generators as ONNX files by the artifact contract, and compares files with generators. */
public final class OnnxExporter {
  /** The name of an exported file in its folder. */
  public static final String FILE_NAME = "model.onnx";

  /** The name of the proof in full beside it. */
  public static final String REPORT_NAME = "proof.txt";

  private OnnxExporter() {}

  /**
   * Writes {@code model.onnx} into a folder: converts, rewrites, runs the result beside the trained
   * network, and lets the file appear only if it holds, with the proof in full beside it.
   *
   * @param generator what to write
   * @param options how
   * @param directory made if it is not there; a {@code model.onnx} in it is replaced
   * @return the file and its proof
   * @throws ExportException if the file is not the network within the tolerance, or cannot be
   *     written; then there is no new file
   */
  public static ExportResult export(Generator generator, ExportOptions options, Path directory) {
    Graph exact = Optimization.applyAll(GeneratorGraph.of(generator), options.optimizations());
    Graph graph = options.precision().apply(exact, generator);
    byte[] unproven = OnnxWriter.write(graph, generator.contract(Map.of()).toMetadata());
    Verifier verifier = new Verifier(generator, options.tolerance());
    Parity parity = prove(unproven, verifier, options.precision());
    OptionalDouble loss =
        options.precision() == Precision.FP32
            ? OptionalDouble.empty()
            : PrecisionLoss.between(OnnxWriter.write(exact, Map.of()), unproven, generator);
    byte[] report =
        ProofReport.of(generator, options, graph, parity, loss, verifier.layers(unproven));
    Map<String, Object> proof = parity.toJson(options.precision());
    loss.ifPresent(value -> proof.put("fcd_to_fp32", value));
    byte[] model = OnnxWriter.write(graph, generator.contract(proof).toMetadata());
    Path file = directory.resolve(FILE_NAME);
    AtomicFile.write(directory.resolve(REPORT_NAME), report);
    AtomicFile.write(file, model);
    return new ExportResult(file, model.length, graph, parity, loss);
  }

  /**
   * Compares a file with a generator, within the usual error of the precision that the file tells.
   *
   * @throws ExportException if they differ by more, in their contracts or their outputs
   */
  public static Parity verify(Path file, Generator generator) {
    return verify(file, generator, precision(file).tolerance());
  }

  /**
   * Compares a file with a generator.
   *
   * @param file an exported file
   * @param generator what it should be
   * @param tolerance largest error allowed on {@code image}
   * @return how far they are apart; {@link Parity#holds} is true
   * @throws ExportException if they differ by more, in their contracts or their outputs
   */
  public static Parity verify(Path file, Generator generator, double tolerance) {
    byte[] model = read(file);
    Precision precision = precision(file);
    try {
      checkContract(model, generator);
      return prove(model, new Verifier(generator, tolerance), precision);
    } catch (ExportException e) {
      throw new ExportException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes a plain DJL block as an ONNX file: reads its tree of blocks, finds out by trying what
   * DJL hides of them, rewrites, runs the result beside the block in DJL, and lets the file appear
   * only if both agree.
   *
   * @param block an initialized block, which runs on the PyTorch engine
   * @param options its inputs and how to write it
   * @param file replaced if it is there
   * @return the file and its proof
   * @throws ExportException if a block in the tree cannot be converted, which names its path, or
   *     the result is not the block within the tolerance; then there is no new file
   */
  public static BlockResult export(Block block, BlockOptions options, Path file) {
    return BlockExport.run(block, options, file);
  }

  /** Returns the graph of any network without rewrites, from {@code input} to {@code output}. */
  public static Graph graph(Network network, Weights weights) {
    return GeneratorGraph.of(network, weights);
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

  private static Precision precision(Path file) {
    try (OnnxRun run = OnnxRun.open(read(file))) {
      return Precision.told(
          GeneratorContract.fromMetadata(run.metadata()).parity().get("precision"));
    } catch (SamplerException | ExportException e) {
      throw new ExportException(file + ": " + e.getMessage(), e);
    }
  }

  private static void checkContract(byte[] model, Generator generator) {
    GeneratorContract told;
    try (OnnxRun run = OnnxRun.open(model)) {
      told = GeneratorContract.fromMetadata(run.metadata());
    } catch (SamplerException e) {
      throw new ExportException(e.getMessage(), e);
    }
    GeneratorContract expected = generator.contract(Map.of());
    differ("latent", told.latent(), expected.latent());
    differ("labels", told.labels(), expected.labels());
    differ("image", told.image(), expected.image());
  }

  private static void differ(String what, Object told, Object expected) {
    if (!told.equals(expected)) {
      throw new ExportException("its %s is %s, the run's is %s".formatted(what, told, expected));
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ExportException("there is no file " + file, e);
    } catch (FileSystemException e) {
      throw new ExportException(
          "cannot read " + file + (e.getReason() == null ? "" : ": " + e.getReason()), e);
    } catch (IOException e) {
      throw new ExportException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
