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
  /**
   * a + b, each repeated along axes of size 1 to the shape of both.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Add.html">Add</a>
   */
  ADD("Add", 2, 2),
  /**
   * The mean of each window; padding counts only if {@code count_include_pad} says so.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__AveragePool.html">AveragePool</a>
   */
  AVERAGE_POOL(
      "AveragePool",
      1,
      1,
      integer("ceil_mode"),
      integer("count_include_pad"),
      integers("kernel_shape"),
      integers("pads"),
      integers("strides")),
  /**
   * γ (x − μ) / √(σ² + ε) + β, channel by channel, with the statistics that it is given.
   *
   * @see <a
   *     href="https://onnx.ai/onnx/operators/onnx__BatchNormalization.html">BatchNormalization</a>
   */
  BATCH_NORMALIZATION("BatchNormalization", 5, 5, real("epsilon"), real("momentum")),
  /**
   * The same numbers in another element type.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Cast.html">Cast</a>
   */
  CAST("Cast", 1, 1, integer("to")),
  /**
   * min(max(x, low), high).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Clip.html">Clip</a>
   */
  CLIP("Clip", 1, 3),
  /**
   * Tensors one after the other along an axis.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Concat.html">Concat</a>
   */
  CONCAT("Concat", 1, Integer.MAX_VALUE, integer("axis")),
  /**
   * The convolution, y[o] = Σₖ w[k] x[s o − p + d k] + b, within each group of channels.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Conv.html">Conv</a>
   */
  CONV(
      "Conv",
      2,
      3,
      integers("dilations"),
      integer("group"),
      integers("kernel_shape"),
      integers("pads"),
      integers("strides")),
  /**
   * The transposed convolution, y[s i − p + d k] += w[k] x[i], within each group of channels.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__ConvTranspose.html">ConvTranspose</a>
   */
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
  /**
   * Blocks of channels laid out as blocks of pixels.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__DepthToSpace.html">DepthToSpace</a>
   */
  DEPTH_TO_SPACE("DepthToSpace", 1, 1, integer("blocksize"), text("mode")),
  /**
   * s (q − z): numbers of the steps that {@link #QUANTIZE_LINEAR} made.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html">DequantizeLinear</a>
   */
  DEQUANTIZE_LINEAR("DequantizeLinear", 2, 3, integer("axis")),
  /**
   * a / b, each repeated along axes of size 1 to the shape of both.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Div.html">Div</a>
   */
  DIV("Div", 2, 2),
  /**
   * x: outside training it does nothing.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Dropout.html">Dropout</a>
   */
  DROPOUT("Dropout", 1, 3, integer("seed")),
  /**
   * x where that is positive, else α (eˣ − 1).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Elu.html">Elu</a>
   */
  ELU("Elu", 1, 1, real("alpha")),
  /**
   * The error function.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Erf.html">Erf</a>
   */
  ERF("Erf", 1, 1),
  /**
   * x repeated along axes of size 1 to a shape.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Expand.html">Expand</a>
   */
  EXPAND("Expand", 2, 2),
  /**
   * x as a matrix: the axes before one as rows, the others as columns.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Flatten.html">Flatten</a>
   */
  FLATTEN("Flatten", 1, 1, integer("axis")),
  /**
   * The slices of a tensor that indices name, such as rows of an embedding.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Gather.html">Gather</a>
   */
  GATHER("Gather", 2, 2, integer("axis")),
  /**
   * α A B + β C, each matrix as it is or transposed: a dense layer.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Gemm.html">Gemm</a>
   */
  GEMM("Gemm", 2, 3, real("alpha"), real("beta"), integer("transA"), integer("transB")),
  /**
   * The mean of each channel.
   *
   * @see <a
   *     href="https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html">GlobalAveragePool</a>
   */
  GLOBAL_AVERAGE_POOL("GlobalAveragePool", 1, 1),
  /**
   * The largest number of each channel.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html">GlobalMaxPool</a>
   */
  GLOBAL_MAX_POOL("GlobalMaxPool", 1, 1),
  /**
   * x.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Identity.html">Identity</a>
   */
  IDENTITY("Identity", 1, 1),
  /**
   * γ (x − μ) / √(σ² + ε) + β, with mean and variance of x itself over its last axes.
   *
   * @see <a
   *     href="https://onnx.ai/onnx/operators/onnx__LayerNormalization.html">LayerNormalization</a>
   */
  LAYER_NORMALIZATION("LayerNormalization", 2, 3, integer("axis"), real("epsilon")),
  /**
   * x where that is positive, else α x.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__LeakyRelu.html">LeakyRelu</a>
   */
  LEAKY_RELU("LeakyRelu", 1, 1, real("alpha")),
  /**
   * The logarithm of {@link #SOFTMAX}.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__LogSoftmax.html">LogSoftmax</a>
   */
  LOG_SOFTMAX("LogSoftmax", 1, 1, integer("axis")),
  /**
   * The matrix product over the last two axes.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__MatMul.html">MatMul</a>
   */
  MAT_MUL("MatMul", 2, 2),
  /**
   * The largest number of each window.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__MaxPool.html">MaxPool</a>
   */
  MAX_POOL(
      "MaxPool",
      1,
      1,
      integer("ceil_mode"),
      integers("dilations"),
      integers("kernel_shape"),
      integers("pads"),
      integers("strides")),
  /**
   * a b, each repeated along axes of size 1 to the shape of both.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Mul.html">Mul</a>
   */
  MUL("Mul", 2, 2),
  /**
   * x / s + z, rounded half to even and cut off at the ends of eight bits.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html">QuantizeLinear</a>
   */
  QUANTIZE_LINEAR("QuantizeLinear", 2, 3, integer("axis")),
  /**
   * max(x, 0).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Relu.html">Relu</a>
   */
  RELU("Relu", 1, 1),
  /**
   * The same numbers under other dimensions; 0 keeps one, −1 is what is left.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Reshape.html">Reshape</a>
   */
  RESHAPE("Reshape", 2, 2, integer("allowzero")),
  /**
   * Larger or smaller images, by repeating pixels or between them.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Resize.html">Resize</a>
   */
  RESIZE(
      "Resize", 1, 4, text("coordinate_transformation_mode"), text("mode"), text("nearest_mode")),
  /**
   * The nearest whole number, half to even.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Round.html">Round</a>
   */
  ROUND("Round", 1, 1),
  /**
   * γ x where x is positive, else γ α (eˣ − 1).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Selu.html">Selu</a>
   */
  SELU("Selu", 1, 1, real("alpha"), real("gamma")),
  /**
   * 1 / (1 + e⁻ˣ).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Sigmoid.html">Sigmoid</a>
   */
  SIGMOID("Sigmoid", 1, 1),
  /**
   * A part of a tensor, from start to end along some axes.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Slice.html">Slice</a>
   */
  SLICE("Slice", 3, 5),
  /**
   * eˣ / Σ eˣ along an axis.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Softmax.html">Softmax</a>
   */
  SOFTMAX("Softmax", 1, 1, integer("axis")),
  /**
   * ln(1 + eˣ).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Softplus.html">Softplus</a>
   */
  SOFTPLUS("Softplus", 1, 1),
  /**
   * x / (1 + |x|).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Softsign.html">Softsign</a>
   */
  SOFTSIGN("Softsign", 1, 1),
  /**
   * a − b, each repeated along axes of size 1 to the shape of both.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Sub.html">Sub</a>
   */
  SUB("Sub", 2, 2),
  /**
   * (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Tanh.html">Tanh</a>
   */
  TANH("Tanh", 1, 1),
  /**
   * The axes in another order.
   *
   * @see <a href="https://onnx.ai/onnx/operators/onnx__Transpose.html">Transpose</a>
   */
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
