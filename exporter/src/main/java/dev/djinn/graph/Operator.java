package dev.djinn.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ONNX operators that graphs here are made of, as of opset 17: how many inputs each has, and
 * the kind of each attribute. Each has one output. All are of ONNX's standard domain, so any
 * runtime loads any file.
 */
@SuppressWarnings(
    "ImmutableEnumChecker") // the maps are made by Map.of and Collectors, never handed out
public enum Operator {
  ADD("Add", 2, 2),
  AVERAGE_POOL(
      "AveragePool",
      1,
      1,
      integer("ceil_mode"),
      integer("count_include_pad"),
      integers("kernel_shape"),
      integers("pads"),
      integers("strides")),
  BATCH_NORMALIZATION("BatchNormalization", 5, 5, real("epsilon"), real("momentum")),
  CAST("Cast", 1, 1, integer("to")),
  CLIP("Clip", 1, 3),
  CONCAT("Concat", 1, Integer.MAX_VALUE, integer("axis")),
  CONV(
      "Conv",
      2,
      3,
      integers("dilations"),
      integer("group"),
      integers("kernel_shape"),
      integers("pads"),
      integers("strides")),
  CONV_TRANSPOSE(
      "ConvTranspose",
      2,
      3,
      integers("dilations"),
      integer("group"),
      integers("kernel_shape"),
      integers("output_padding"),
      integers("pads"),
      integers("strides")),
  DEPTH_TO_SPACE("DepthToSpace", 1, 1, integer("blocksize"), text("mode")),
  DEQUANTIZE_LINEAR("DequantizeLinear", 2, 3, integer("axis")),
  DIV("Div", 2, 2),
  DROPOUT("Dropout", 1, 3, integer("seed")),
  ELU("Elu", 1, 1, real("alpha")),
  ERF("Erf", 1, 1),
  EXPAND("Expand", 2, 2),
  FLATTEN("Flatten", 1, 1, integer("axis")),
  GATHER("Gather", 2, 2, integer("axis")),
  GEMM("Gemm", 2, 3, real("alpha"), real("beta"), integer("transA"), integer("transB")),
  GLOBAL_AVERAGE_POOL("GlobalAveragePool", 1, 1),
  GLOBAL_MAX_POOL("GlobalMaxPool", 1, 1),
  IDENTITY("Identity", 1, 1),
  LAYER_NORMALIZATION("LayerNormalization", 2, 3, integer("axis"), real("epsilon")),
  LEAKY_RELU("LeakyRelu", 1, 1, real("alpha")),
  LOG_SOFTMAX("LogSoftmax", 1, 1, integer("axis")),
  MAT_MUL("MatMul", 2, 2),
  MAX_POOL(
      "MaxPool",
      1,
      1,
      integer("ceil_mode"),
      integers("dilations"),
      integers("kernel_shape"),
      integers("pads"),
      integers("strides")),
  MUL("Mul", 2, 2),
  QUANTIZE_LINEAR("QuantizeLinear", 2, 3, integer("axis")),
  RELU("Relu", 1, 1),
  RESHAPE("Reshape", 2, 2, integer("allowzero")),
  RESIZE(
      "Resize", 1, 4, text("coordinate_transformation_mode"), text("mode"), text("nearest_mode")),
  ROUND("Round", 1, 1),
  SELU("Selu", 1, 1, real("alpha"), real("gamma")),
  SIGMOID("Sigmoid", 1, 1),
  SLICE("Slice", 3, 5),
  SOFTMAX("Softmax", 1, 1, integer("axis")),
  SOFTPLUS("Softplus", 1, 1),
  SOFTSIGN("Softsign", 1, 1),
  SUB("Sub", 2, 2),
  TANH("Tanh", 1, 1),
  TRANSPOSE("Transpose", 1, 1, integers("perm"));

  private final String onnxName;
  private final int minInputs;
  private final int maxInputs;
  private final Map<String, Class<? extends Attribute>> attributes;

  Operator(String onnxName, int minInputs, int maxInputs, Setting... settings) {
    this.onnxName = onnxName;
    this.minInputs = minInputs;
    this.maxInputs = maxInputs;
    this.attributes =
        Arrays.stream(settings).collect(Collectors.toMap(Setting::name, Setting::kind));
  }

  /** Returns the operator's name in ONNX. */
  public String onnxName() {
    return onnxName;
  }

  /**
   * Returns the operator of an ONNX name.
   *
   * @throws GraphException if there is none
   */
  public static Operator named(String onnxName) {
    return Arrays.stream(values())
        .filter(operator -> operator.onnxName.equals(onnxName))
        .findFirst()
        .orElseThrow(() -> new GraphException("operator " + onnxName + " is not known here"));
  }

  /** Throws if a node of this operator cannot have these inputs and attributes. */
  void check(String node, int inputs, Attributes given) {
    if (inputs < minInputs || inputs > maxInputs) {
      throw new GraphException(
          "%s %s has %d inputs, expected %s"
              .formatted(
                  onnxName,
                  node,
                  inputs,
                  minInputs == maxInputs
                      ? Integer.toString(minInputs)
                      : minInputs
                          + " to "
                          + (maxInputs == Integer.MAX_VALUE ? "any number" : maxInputs)));
    }
    given
        .asMap()
        .forEach(
            (name, value) -> {
              Class<? extends Attribute> kind = attributes.get(name);
              if (kind == null) {
                throw new GraphException(
                    "%s %s has the attribute %s, known are %s"
                        .formatted(
                            onnxName,
                            node,
                            name,
                            Stream.of(attributes.keySet())
                                .flatMap(names -> names.stream().sorted())
                                .collect(Collectors.joining(", ", "[", "]"))));
              }
              if (!kind.isInstance(value)) {
                throw new GraphException(
                    "%s %s: attribute %s is %s, expected %s"
                        .formatted(onnxName, node, name, value, kind.getSimpleName()));
              }
            });
  }

  private static Setting integer(String name) {
    return new Setting(name, Attribute.Int.class);
  }

  private static Setting integers(String name) {
    return new Setting(name, Attribute.Ints.class);
  }

  private static Setting real(String name) {
    return new Setting(name, Attribute.Real.class);
  }

  private static Setting text(String name) {
    return new Setting(name, Attribute.Text.class);
  }

  private record Setting(String name, Class<? extends Attribute> kind) {}
}
