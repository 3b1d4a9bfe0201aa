package dev.djinn.sampler;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;

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
 * @param externalFiles the files beside it that hold weights, as it names them
 */
public record OnnxFile(
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    List<Tensor> inputs,
    List<Tensor> outputs,
    Map<String, Integer> operators,
    long parameters,
    SortedSet<String> externalFiles) {

  /**
   * An input or output.
   *
   * @param name its name
   * @param type such as {@code float32 (batch, 100)}
   * @param element the type of its numbers, such as {@code float32}
   * @param sizes its sizes, −1 for one that is open; null if the file does not say its rank
   */
  public record Tensor(String name, String type, String element, List<Long> sizes) {}

  /** Graphs in graphs; far more than anyone writes. */
  private static final int DEEPEST = 64;

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

  /**
   * Reads a whole file.
   *
   * @param bytes from its position to its limit
   * @return what it says
   * @throws SamplerException if it is no ONNX file
   */
  public static OnnxFile read(ByteBuffer bytes) {
    Builder file = new Builder();
    file.model(new ProtoReader(bytes));
    if (!file.hasGraph) {
      throw SamplerException.invalidModel("not an ONNX file: no graph");
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
        file.parameters,
        Collections.unmodifiableSortedSet(file.externalFiles));
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
    final SortedSet<String> externalFiles = new TreeSet<>();

    void model(ProtoReader model) {
      for (int field = model.next(); field != 0; field = model.next()) {
        switch (field) {
          case 1 -> irVersion = model.number();
          case 2 -> producer = model.text();
          case 3 -> producerVersion = model.text();
          case 7 -> graph(model.message());
          case 8 -> opset(model.message());
          case 14 -> property(model.message());
          case 25 -> function(model.message());
          default -> {} // documentation, training
        }
      }
    }

    private void graph(ProtoReader graph) {
      hasGraph = true;
      for (int field = graph.next(); field != 0; field = graph.next()) {
        switch (field) {
          case 1 -> node(graph.message());
          case 5 -> weight(graph.message());
          case 11 -> inputs.add(value(graph.message()));
          case 12 -> outputs.add(value(graph.message()));
          case 15 -> sparse(graph.message());
          default -> {} // names, documentation, shapes in between
        }
      }
    }

    private void opset(ProtoReader opset) {
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

    private void property(ProtoReader property) {
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

    private void node(ProtoReader node) {
      String kind = "";
      String domain = "";
      for (int field = node.next(); field != 0; field = node.next()) {
        switch (field) {
          case 4 -> kind = node.text();
          case 5 -> attribute(node.message(), 0);
          case 7 -> domain = node.text();
          default -> {} // inputs, outputs
        }
      }
      boolean standard = domain.isEmpty() || domain.equals("ai.onnx");
      operators.merge(standard ? kind : domain + "." + kind, 1, Integer::sum);
    }

    /**
     * Counts the floating-point numbers; shapes and axes are weights to ONNX, but nothing was
     * trained there.
     */
    private void weight(ProtoReader tensor) {
      long size = 1;
      long type = 0;
      for (int field = tensor.next(); field != 0; field = tensor.next()) {
        switch (field) {
          case 1 -> size = tensor.product(size);
          case 2 -> type = tensor.number();
          case 8 -> weights.add(tensor.text());
          case 13 -> external(tensor.message());
          default -> {} // the numbers themselves
        }
      }
      boolean number =
          type == 1 || type == 2 || type == 3 || type == 10 || type == 11 || type == 16;
      parameters += number ? size : 0;
    }

    /** What is outside lies in graphs inside of nodes and in constants, too. */
    private void attribute(ProtoReader attribute, int depth) {
      if (depth > DEEPEST) {
        throw SamplerException.invalidModel("not an ONNX file: graphs nested too deeply");
      }
      for (int field = attribute.next(); field != 0; field = attribute.next()) {
        switch (field) {
          case 5, 10 -> tensor(attribute.message());
          case 6, 11 -> inner(attribute.message(), depth + 1);
          case 22, 23 -> sparse(attribute.message());
          default -> {} // numbers, texts, types
        }
      }
    }

    private void inner(ProtoReader graph, int depth) {
      for (int field = graph.next(); field != 0; field = graph.next()) {
        switch (field) {
          case 1 -> attributes(graph.message(), depth);
          case 5 -> tensor(graph.message());
          case 15 -> sparse(graph.message());
          default -> {} // only weights are looked for
        }
      }
    }

    private void function(ProtoReader function) {
      for (int field = function.next(); field != 0; field = function.next()) {
        if (field == 7) {
          attributes(function.message(), 0);
        }
      }
    }

    private void attributes(ProtoReader node, int depth) {
      for (int field = node.next(); field != 0; field = node.next()) {
        if (field == 5) {
          attribute(node.message(), depth);
        }
      }
    }

    private void sparse(ProtoReader sparse) {
      for (int field = sparse.next(); field != 0; field = sparse.next()) {
        if (field == 1 || field == 2) {
          tensor(sparse.message());
        }
      }
    }

    private void tensor(ProtoReader tensor) {
      for (int field = tensor.next(); field != 0; field = tensor.next()) {
        if (field == 13) {
          external(tensor.message());
        }
      }
    }

    private void external(ProtoReader entry) {
      String key = "";
      String value = "";
      for (int field = entry.next(); field != 0; field = entry.next()) {
        switch (field) {
          case 1 -> key = entry.text();
          case 2 -> value = entry.text();
          default -> {} // none are defined
        }
      }
      if (key.equals("location")) {
        externalFiles.add(value);
      }
    }

    private static Tensor value(ProtoReader value) {
      String name = "";
      Tensor type = new Tensor("", "no tensor", "no tensor", null);
      for (int field = value.next(); field != 0; field = value.next()) {
        switch (field) {
          case 1 -> name = value.text();
          case 2 -> type = type(value.message());
          default -> {} // documentation
        }
      }
      return new Tensor(name, type.type(), type.element(), type.sizes());
    }

    private static Tensor type(ProtoReader type) {
      Tensor found = new Tensor("", "no tensor", "no tensor", null);
      for (int field = type.next(); field != 0; field = type.next()) {
        if (field == 1) {
          found = tensorType(type.message());
        }
      }
      return found;
    }

    private static Tensor tensorType(ProtoReader tensor) {
      String element = "undefined";
      String shape = "of unknown shape";
      List<Long> sizes = null;
      for (int field = tensor.next(); field != 0; field = tensor.next()) {
        switch (field) {
          case 1 -> {
            long number = tensor.number();
            element =
                number >= 0 && number < TYPES.size() ? TYPES.get((int) number) : "type " + number;
          }
          case 2 -> {
            sizes = new ArrayList<>();
            shape = shape(tensor.message(), sizes);
          }
          default -> {} // none are defined
        }
      }
      return new Tensor("", element + " " + shape, element, sizes);
    }

    private static String shape(ProtoReader shape, List<Long> sizes) {
      StringJoiner text = new StringJoiner(", ", "(", ")");
      for (int field = shape.next(); field != 0; field = shape.next()) {
        if (field == 1) {
          text.add(size(shape.message(), sizes));
        }
      }
      return text.toString();
    }

    private static String size(ProtoReader size, List<Long> sizes) {
      String text = "?";
      long known = -1;
      for (int field = size.next(); field != 0; field = size.next()) {
        switch (field) {
          case 1 -> {
            known = size.number();
            text = Long.toString(known);
          }
          case 2 -> text = size.text();
          default -> {} // the axis's meaning
        }
      }
      sizes.add(known);
      return text;
    }
  }
}
