package dev.djinn.server.cli;

import dev.djinn.server.cli.ProtoReader.MalformedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * What an ONNX file says of itself, read from its bytes without running it (onnx.proto3's
 * ModelProto).
 *
 * @param irVersion the format's version
 * @param producer who wrote it
 * @param opsets by domain, the operators' version; the domain of the standard is {@code ai.onnx}
 * @param metadata its {@code metadata_props}
 * @param inputs name and type, such as {@code latent float32 (batch, 100)}, without weights
 * @param outputs name and type
 * @param operators by kind, how many nodes
 * @param parameters numbers in the weights
 */
record OnnxFile(
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    List<Tensor> inputs,
    List<Tensor> outputs,
    Map<String, Integer> operators,
    long parameters) {

  /**
   * An input or output.
   *
   * @param name its name
   * @param type such as {@code float32 (batch, 100)}
   */
  record Tensor(String name, String type) {}

  private static final List<String> TYPES =
      List.of(
          "undefined",
          "float32",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "float64",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16");

  /** Reads a whole file. */
  static OnnxFile read(ByteBuffer bytes) throws MalformedException {
    Builder file = new Builder();
    file.model(new ProtoReader(bytes));
    if (!file.hasGraph) {
      throw new MalformedException("not an ONNX file: no graph");
    }
    file.inputs.removeIf(input -> file.weights.contains(input.name()));
    return new OnnxFile(
        file.irVersion,
        (file.producer + " " + file.producerVersion).strip(),
        file.opsets,
        file.metadata,
        file.inputs,
        file.outputs,
        file.operators,
        file.parameters);
  }

  private static final class Builder {
    long irVersion;
    String producer = "";
    String producerVersion = "";
    boolean hasGraph;
    long parameters;
    final Map<String, Long> opsets = new TreeMap<>();
    final Map<String, String> metadata = new LinkedHashMap<>();
    final List<Tensor> inputs = new ArrayList<>();
    final List<Tensor> outputs = new ArrayList<>();
    final Set<String> weights = new HashSet<>();
    final Map<String, Integer> operators = new TreeMap<>();

    void model(ProtoReader model) throws MalformedException {
      for (int field = model.next(); field != 0; field = model.next()) {
        switch (field) {
          case 1 -> irVersion = model.number();
          case 2 -> producer = model.text();
          case 3 -> producerVersion = model.text();
          case 7 -> graph(model.message());
          case 8 -> opset(model.message());
          case 14 -> property(model.message());
          default -> {} // documentation, training, functions
        }
      }
    }

    private void graph(ProtoReader graph) throws MalformedException {
      hasGraph = true;
      for (int field = graph.next(); field != 0; field = graph.next()) {
        switch (field) {
          case 1 -> node(graph.message());
          case 5 -> weight(graph.message());
          case 11 -> inputs.add(value(graph.message()));
          case 12 -> outputs.add(value(graph.message()));
          default -> {} // names, documentation, shapes in between
        }
      }
    }

    private void opset(ProtoReader opset) throws MalformedException {
      String domain = "";
      long version = 0;
      for (int field = opset.next(); field != 0; field = opset.next()) {
        switch (field) {
          case 1 -> domain = opset.text();
          case 2 -> version = opset.number();
          default -> {} // none are defined
        }
      }
      opsets.put(domain.isEmpty() ? "ai.onnx" : domain, version);
    }

    private void property(ProtoReader property) throws MalformedException {
      String key = "";
      String value = "";
      for (int field = property.next(); field != 0; field = property.next()) {
        switch (field) {
          case 1 -> key = property.text();
          case 2 -> value = property.text();
          default -> {} // none are defined
        }
      }
      metadata.put(key, value);
    }

    private void node(ProtoReader node) throws MalformedException {
      String kind = "";
      String domain = "";
      for (int field = node.next(); field != 0; field = node.next()) {
        switch (field) {
          case 4 -> kind = node.text();
          case 7 -> domain = node.text();
          default -> {} // inputs, outputs, attributes
        }
      }
      boolean standard = domain.isEmpty() || domain.equals("ai.onnx");
      operators.merge(standard ? kind : domain + "." + kind, 1, Integer::sum);
    }

    /**
     * Counts the floating-point numbers; shapes and axes are weights to ONNX, but nothing was
     * trained there.
     */
    private void weight(ProtoReader tensor) throws MalformedException {
      long size = 1;
      long type = 0;
      for (int field = tensor.next(); field != 0; field = tensor.next()) {
        switch (field) {
          case 1 -> size = tensor.product(size);
          case 2 -> type = tensor.number();
          case 8 -> weights.add(tensor.text());
          default -> {} // the numbers themselves
        }
      }
      boolean number =
          type == 1 || type == 2 || type == 3 || type == 10 || type == 11 || type == 16;
      parameters += number ? size : 0;
    }

    private static Tensor value(ProtoReader value) throws MalformedException {
      String name = "";
      String type = "no tensor";
      for (int field = value.next(); field != 0; field = value.next()) {
        switch (field) {
          case 1 -> name = value.text();
          case 2 -> type = type(value.message());
          default -> {} // documentation
        }
      }
      return new Tensor(name, type);
    }

    private static String type(ProtoReader type) throws MalformedException {
      String text = "no tensor";
      for (int field = type.next(); field != 0; field = type.next()) {
        if (field == 1) {
          text = tensorType(type.message());
        }
      }
      return text;
    }

    private static String tensorType(ProtoReader tensor) throws MalformedException {
      String element = "undefined";
      String shape = "of unknown shape";
      for (int field = tensor.next(); field != 0; field = tensor.next()) {
        switch (field) {
          case 1 -> {
            long number = tensor.number();
            element =
                number >= 0 && number < TYPES.size() ? TYPES.get((int) number) : "type " + number;
          }
          case 2 -> shape = shape(tensor.message());
          default -> {} // none are defined
        }
      }
      return element + " " + shape;
    }

    private static String shape(ProtoReader shape) throws MalformedException {
      StringJoiner sizes = new StringJoiner(", ", "(", ")");
      for (int field = shape.next(); field != 0; field = shape.next()) {
        if (field == 1) {
          sizes.add(size(shape.message()));
        }
      }
      return sizes.toString();
    }

    private static String size(ProtoReader size) throws MalformedException {
      String text = "?";
      for (int field = size.next(); field != 0; field = size.next()) {
        switch (field) {
          case 1 -> text = Long.toString(size.number());
          case 2 -> text = size.text();
          default -> {} // the axis's meaning
        }
      }
      return text;
    }
  }
}
