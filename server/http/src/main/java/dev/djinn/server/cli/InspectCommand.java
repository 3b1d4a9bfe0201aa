package dev.djinn.server.cli;

import dev.djinn.sampler.ContractReader;
import dev.djinn.sampler.DescriptionDraft;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.ModelParts;
import dev.djinn.sampler.OnnxFile;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a model file is, without running it. */
@Command(
    name = "inspect",
    customSynopsis = "djinn inspect MODEL [--describe|--json]",
    description = "Say what a model file is: contract, provenance, parity, tensors, operators.",
    footer = {
      "Examples:",
      "  djinn inspect dcgan-mnist",
      "  djinn inspect exports/digits/model.onnx",
      "  djinn inspect dcgan-mnist --json",
      "  djinn inspect faces.onnx --describe > faces.onnx.json"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description = "An .onnx file, a folder that holds one, or a name in the models folder.")
  private String model;

  @Option(
      names = "--describe",
      description =
          "Print a first draft of the description that a model which Djinn did not export needs"
              + " beside it, as FILE.json.")
  private boolean describe;

  @Option(names = "--json", description = "Print JSON, with every number as the file has it.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (describe && json) {
      throw new ParameterException(spec.commandLine(), "give either --describe or --json");
    }
    Path path = ModelFiles.resolve(model);
    ByteBuffer bytes = map(path);
    OnnxFile file;
    try {
      file = OnnxFile.read(bytes.duplicate());
    } catch (SamplerException e) {
      throw new SamplerException(Reason.INVALID_MODEL, path + ": " + e.getMessage(), e);
    }
    if (describe) {
      spec.commandLine().getOut().print(DescriptionDraft.of(file));
      spec.commandLine().getOut().flush();
      return 0;
    }
    ModelParts parts = ModelParts.of(path);
    if (json) {
      spec.commandLine().getOut().println(InspectJson.of(path, bytes.remaining(), parts, file));
      spec.commandLine().getOut().flush();
      return 0;
    }
    line("file", path.toString());
    line("size", String.format(Locale.ROOT, "%,d bytes", bytes.remaining()));
    line("sha256", parts.hash());
    for (Path part : parts.external()) {
      line("weights", part.toString());
    }
    line("onnx", "IR version " + file.irVersion() + ", opset " + opsets(file));
    line("producer", file.producer());
    tensors("input", file.inputs());
    tensors("output", file.outputs());
    line("operators", operators(file.operators()));
    line("parameters", String.format(Locale.ROOT, "%,d", file.parameters()));
    contract(path, file.metadata());
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** Of a line; what a model says of itself may be of any length. */
  private static final int LONGEST = 10_000;

  private void contract(Path path, Map<String, String> metadata) {
    if (!metadata.containsKey("djinn.contract")) {
      line(
          "contract",
          "none: not exported by Djinn; sample it with --latent and --image, or describe it in "
              + path.resolveSibling(path.getFileName() + ".json")
              + ", as 'djinn inspect --describe' begins it");
      return;
    }
    GeneratorContract contract;
    try {
      contract = ContractReader.read(metadata);
    } catch (SamplerException e) {
      throw new SamplerException(e.reason(), path + ": " + e.getMessage(), e);
    }
    line("contract", "version " + metadata.get("djinn.contract"));
    line("latent", contract.latent().toString());
    line(
        "labels",
        contract.conditional()
            ? contract.labels().size() + ": " + String.join(", ", contract.labels())
            : "none");
    line(
        "image",
        contract.image()
            + (contract.image().hasAlpha() ? ", red, green, blue and straight alpha" : ""));
    values("provenance", contract.provenance());
    values("parity", contract.parity());
    if (contract.quality().isEmpty()) {
      values("quality", contract.quality());
    } else {
      group("quality", Figures.table(contract.quality()));
    }
  }

  private void tensors(String name, List<OnnxFile.Tensor> tensors) {
    tensors.forEach(tensor -> line(name, tensor.name() + " " + tensor.type()));
  }

  private void values(String name, Map<String, Object> values) {
    group(
        name,
        values.isEmpty()
            ? List.of("not stated")
            : values.entrySet().stream()
                .map(entry -> entry.getKey() + " " + Figures.told(entry.getValue()))
                .toList());
  }

  /** Lines that belong together: the name stands before the first. */
  private void group(String name, List<String> lines) {
    String label = name;
    for (String line : lines) {
      line(label, line);
      label = "";
    }
  }

  private void line(String name, String value) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%-11s %s%n",
        name,
        value.length() > LONGEST ? value.substring(0, LONGEST) + "…" : value);
  }

  private static String opsets(OnnxFile file) {
    return String.join(
        ", ",
        file.opsets().entrySet().stream()
            .map(set -> (set.getKey().equals("ai.onnx") ? "" : set.getKey() + " ") + set.getValue())
            .toList());
  }

  private static String operators(Map<String, Integer> operators) {
    int sum = operators.values().stream().mapToInt(Integer::intValue).sum();
    List<String> kinds =
        operators.entrySet().stream().map(kind -> kind.getKey() + " " + kind.getValue()).toList();
    return sum + ": " + String.join(", ", kinds);
  }

  private static ByteBuffer map(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new SamplerException(
            Reason.INVALID_MODEL,
            path + ": " + channel.size() + " bytes are more than ONNX allows");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
  }
}
