package dev.djinn.network;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.djinn.network.LayerVisitor.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One layer of a network: what it is, which shape it makes and which arrays it owns. Shapes leave
 * out the batch axis; pictures are (channels, height, width).
 */
public sealed interface Layer {
  /**
   * Stands for "same" padding: the output side is the input side divided or multiplied by stride.
   */
  int SAME = -1;

  /**
   * The same output side, but where the padding cannot be equal its odd row and column are at the
   * bottom and the right, as TensorFlow and Keras pad and ONNX's {@code SAME_UPPER} does. {@link
   * #SAME} has one more row and column of zeros at the top and left then.
   */
  int SAME_UPPER = -2;

  /**
   * The output side of {@link #SAME}, with the picture's other end instead of zeros beyond its
   * edge: what is made can be laid side by side without a seam.
   */
  int WRAP = -3;

  /**
   * The shape this layer makes.
   *
   * @param at the layer's place
   * @return shape without the batch axis
   * @throws NetworkException if the input does not fit the layer
   */
  Shape output(Place at);

  /**
   * The arrays this layer owns, in the order in which they are stored.
   *
   * @param at the layer's place
   * @return specifications with full names
   */
  default List<ParameterSpec> parameters(Place at) {
    return List.of();
  }

  /**
   * Calls the visitor's method for this kind of layer.
   *
   * @param visitor the visitor
   * @param at the layer's place
   * @param <R> the visit's result
   * @return what the visitor gives
   */
  <R> R accept(LayerVisitor<R> visitor, Place at);

  /**
   * y = x Wᵀ + b on a vector.
   *
   * @param units outputs
   * @param weights how W and b are made
   */
  record Dense(int units, WeightSpec weights) implements Layer {
    /** Checks the sizes. */
    public Dense {
      require(units >= 1, "dense units", units);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 1, "dense");
      return new Shape(units);
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      Shape weight = new Shape(units, at.input().get(0));
      return arrays(at, weight, weights, units, units);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.dense(this, at);
    }
  }

  /**
   * Two-dimensional cross-correlation with zero padding on all four sides.
   *
   * @param channels outputs
   * @param kernel side of the kernel
   * @param stride step
   * @param padding zeros on each side, or {@link #SAME}, {@link #SAME_UPPER} or {@link #WRAP} for
   *     an output side of ⌈input / stride⌉
   * @param dilation distance between kernel taps
   * @param groups groups of channels
   * @param weights how weight and bias are made
   */
  record Conv(
      int channels,
      int kernel,
      int stride,
      int padding,
      int dilation,
      int groups,
      WeightSpec weights)
      implements Layer {
    /** Checks the sizes. */
    public Conv {
      checkKernel("conv", channels, kernel, stride, padding);
      require(dilation >= 1, "conv dilation", dilation);
      require(groups >= 1 && channels % groups == 0, "conv groups (must divide channels)", groups);
    }

    /**
     * Resolves {@link #SAME} and {@link #SAME_UPPER}.
     *
     * @param side input side, height or width
     * @return zeros in front: at the top or the left
     */
    public int paddingFor(long side) {
      return switch (padding) {
        case SAME -> (int) ((sameTotal(side) + 1) / 2);
        case SAME_UPPER, WRAP -> (int) (sameTotal(side) / 2);
        default -> padding;
      };
    }

    /**
     * Zeros behind the last row or column. They differ from {@link #paddingFor} only for {@link
     * #SAME_UPPER}, by one.
     *
     * @param side input side, height or width
     * @return zeros at the bottom or the right
     */
    public int paddingAfter(long side) {
      return padding == SAME_UPPER || wraps()
          ? (int) ((sameTotal(side) + 1) / 2)
          : paddingFor(side);
    }

    /** Whether the picture's other end stands for zeros. */
    public boolean wraps() {
      return padding == WRAP;
    }

    /** The fewest zeros, both ends together, that give ⌈side / stride⌉. */
    private long sameTotal(long side) {
      long target = (side + stride - 1) / stride;
      return Math.max((target - 1) * stride + extent() - side, 0);
    }

    private long extent() {
      return (long) dilation * (kernel - 1) + 1;
    }

    private long side(Place at, int axis) {
      long in = at.input().get(axis);
      long zeros = (long) paddingFor(in) + paddingAfter(in);
      if (wraps() && paddingAfter(in) > in) {
        throw failure(
            at, "conv " + kernel + "×" + kernel + " would wrap more than once round " + at.input());
      }
      long out = Math.floorDiv(in + zeros - extent(), stride) + 1;
      if (out < 1) {
        throw failure(at, "conv " + kernel + "×" + kernel + " does not fit " + at.input());
      }
      if (padding == SAME && out != (in + stride - 1) / stride) {
        throw failure(
            at,
            "conv "
                + kernel
                + "×"
                + kernel
                + " cannot keep side "
                + in
                + " with equal padding; give an odd kernel, padding: same-upper or a number");
      }
      return out;
    }

    @Override
    public Shape output(Place at) {
      rank(at, 3, "conv");
      if (at.input().get(0) % groups != 0) {
        throw failure(at, "conv groups " + groups + " do not divide channels of " + at.input());
      }
      return new Shape(channels, side(at, 1), side(at, 2));
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      Shape weight = new Shape(channels, at.input().get(0) / groups, kernel, kernel);
      return arrays(at, weight, weights, channels, channels);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.conv(this, at);
    }
  }

  /**
   * Transposed convolution, the gradient of a convolution with respect to its input.
   *
   * @param channels outputs
   * @param kernel side of the kernel
   * @param stride step
   * @param padding cut from each side, or {@link #SAME}, {@link #SAME_UPPER} or {@link #WRAP} for
   *     an output side of exactly input × stride
   * @param outputPadding extra rows and columns at the end, or so many fewer if negative; worked
   *     out, whatever is given, where the padding is {@link #SAME} or {@link #SAME_UPPER}
   * @param groups groups of channels
   * @param weights how weight and bias are made
   */
  record Deconv(
      int channels,
      int kernel,
      int stride,
      int padding,
      int outputPadding,
      int groups,
      WeightSpec weights)
      implements Layer {
    /** Checks the sizes and resolves SAME, which does not depend on the input here. */
    public Deconv {
      checkKernel("deconv", channels, kernel, stride, padding);
      // Its fan in is not what the axes after the first hold, and depends on the stride.
      if (weights.init().scalesRate()) {
        throw new NetworkException(
            "deconv cannot have init "
                + weights.init()
                + ", only dense and conv can; take upsample and conv, or another init");
      }
      require(
          groups >= 1 && channels % groups == 0, "deconv groups (must divide channels)", groups);
      if (padding == SAME) {
        padding = Math.max(0, (kernel - stride + 1) / 2);
        outputPadding = stride - kernel + 2 * padding;
        if (outputPadding >= stride) {
          throw new NetworkException(
              String.format(
                  "deconv %d×%d with stride %d cannot make exactly input × stride; give an odd"
                      + " kernel or state padding",
                  kernel, kernel, stride));
        }
      }
      if (padding == SAME_UPPER || padding == WRAP) {
        // What a convolution that pads so would have read; the odd row and column is the last.
        int cut = kernel - stride;
        if (cut < 0) {
          throw new NetworkException(
              String.format(
                  "deconv %d×%d with stride %d and padding: %s leaves gaps; give a kernel of"
                      + " at least %d, or state padding",
                  kernel, kernel, stride, padding == WRAP ? "wrap" : "same-upper", stride));
        }
        padding = padding == WRAP ? WRAP : cut / 2;
        outputPadding = cut / 2 * 2 - cut;
      }
      require(
          outputPadding > -kernel && outputPadding < stride,
          "deconv output-padding (more than −kernel, less than stride)",
          outputPadding);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 3, "deconv");
      if (at.input().get(0) % groups != 0) {
        throw failure(at, "deconv groups " + groups + " do not divide channels of " + at.input());
      }
      return new Shape(channels, side(at, 1), side(at, 2));
    }

    /** Whether the picture's other end goes on beyond its edge. */
    public boolean wraps() {
      return padding == WRAP;
    }

    /** Rows and columns of the other end that are laid on each side first; 0 unless it wraps. */
    public int margin() {
      int most = kernel - 1 - (kernel - stride) / 2;
      return wraps() ? (most + stride - 1) / stride : 0;
    }

    /** What is cut from each side of what the picture with its margin becomes. */
    public int cut() {
      return wraps() ? (kernel - stride) / 2 + stride * margin() : padding;
    }

    private long side(Place at, int axis) {
      long in = at.input().get(axis) + 2L * margin();
      if (margin() > at.input().get(axis)) {
        throw failure(
            at,
            "deconv " + kernel + "×" + kernel + " would wrap more than once round " + at.input());
      }
      long out = (in - 1) * stride - 2L * cut() + kernel + outputPadding;
      if (out < 1) {
        throw failure(at, "deconv " + kernel + "×" + kernel + " does not fit " + at.input());
      }
      return out;
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      Shape weight = new Shape(at.input().get(0), channels / groups, kernel, kernel);
      return arrays(at, weight, weights, channels, channels / groups);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.deconv(this, at);
    }
  }

  /**
   * Upsampling: each row and column is repeated, then smoothed by a filter that reads zeros outside
   * the picture. {@code [1]} is the nearest neighbour, {@code [1, 2, 1]} at a scale of 2 the
   * interpolation of StyleGAN2 and R3GAN.
   *
   * @param scale how often each row and column is repeated
   * @param filter weights along one axis, an odd number of them and the same both ways; their sum
   *     is divided out
   */
  record Upsample(int scale, List<Integer> filter) implements Layer {
    /** Checks scale and filter. */
    public Upsample {
      require(scale >= 1, "upsample scale", scale);
      filter = Resampling.checked("upsample", filter);
    }

    /**
     * The nearest neighbour.
     *
     * @param scale how often each row and column is repeated
     */
    public Upsample(int scale) {
      this(scale, Resampling.NONE);
    }

    /**
     * Whether pixels are repeated and nothing else.
     *
     * @return true without a filter
     */
    public boolean nearest() {
      return filter.size() == 1;
    }

    /**
     * What one pixel becomes along one axis: the kernel of a transposed convolution of stride
     * {@code scale} that cuts {@code filter.size() / 2} from each end.
     *
     * @return weights that sum to the scale
     */
    public float[] taps() {
      return Resampling.taps(filter, scale, scale);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 3, "upsample");
      Shape in = at.input();
      return new Shape(in.get(0), in.get(1) * scale, in.get(2) * scale);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.upsample(this, at);
    }
  }

  /**
   * Downsampling: rows and columns are smoothed by a filter that reads zeros outside the picture,
   * then averaged by groups of {@code scale}. {@code [1]} is the mean of squares, {@code [1, 2, 1]}
   * at a scale of 2 what StyleGAN2 and R3GAN do. A last partial group is filled up with zeros.
   *
   * @param scale rows and columns that become one
   * @param filter weights along one axis, an odd number of them and the same both ways; their sum
   *     is divided out
   */
  record Downsample(int scale, List<Integer> filter) implements Layer {
    /** Checks scale and filter. */
    public Downsample {
      require(scale >= 1, "downsample scale", scale);
      filter = Resampling.checked("downsample", filter);
    }

    /**
     * What makes one pixel along one axis: the kernel of a convolution of stride {@code scale}.
     *
     * @return weights that sum to 1
     */
    public float[] taps() {
      return Resampling.taps(filter, scale, 1);
    }

    /**
     * Zeros in front: at the top or the left.
     *
     * @return rows or columns
     */
    public int padding() {
      return filter.size() / 2;
    }

    /**
     * Zeros behind the last row or column.
     *
     * @param side input side, height or width
     * @return zeros at the bottom or the right
     */
    public int paddingAfter(long side) {
      return padding() + (int) ((scale - side % scale) % scale);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 3, "downsample");
      Shape in = at.input();
      return new Shape(in.get(0), (in.get(1) + scale - 1) / scale, (in.get(2) + scale - 1) / scale);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.downsample(this, at);
    }
  }

  /**
   * A learned picture a channel, multiplied by that channel's number: (channels) becomes (channels,
   * height, width). It is how a generator's vector becomes its first small picture in R3GAN.
   *
   * @param height rows
   * @param width columns
   * @param init of the learned pictures, (channels, height, width)
   */
  record Basis(int height, int width, WeightInit init) implements Layer {
    /** Checks the sizes. */
    public Basis {
      require(height >= 1, "basis height", height);
      require(width >= 1, "basis width", width);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 1, "basis");
      return new Shape(at.input().get(0), height, width);
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      return List.of(new ParameterSpec(at.parameter("basis"), output(at), init, true));
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.basis(this, at);
    }
  }

  /**
   * The centred part of a picture; of an odd margin, the larger half goes from the bottom and the
   * right. It does nothing to a picture of that size already.
   *
   * @param height rows that are left
   * @param width columns that are left
   */
  record Crop(int height, int width) implements Layer {
    /** Checks the sides. */
    public Crop {
      require(height >= 1, "crop height", height);
      require(width >= 1, "crop width", width);
    }

    /** A square. */
    public Crop(int side) {
      this(side, side);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 3, "crop");
      Shape in = at.input();
      if (in.get(1) < height || in.get(2) < width) {
        String size = height == width ? "" + height : height + " x " + width;
        throw failure(at, "crop to " + size + " is larger than " + in);
      }
      return new Shape(in.get(0), height, width);
    }

    /** As it was before there were other shapes than squares, in whose proofs it stands. */
    @Override
    public String toString() {
      return height == width
          ? "Crop[side=" + height + "]"
          : "Crop[height=" + height + ", width=" + width + "]";
    }

    /** The first row that is left of so many. */
    public long top(long rows) {
      return (rows - height) / 2;
    }

    /** The first column that is left of so many. */
    public long left(long columns) {
      return (columns - width) / 2;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.crop(this, at);
    }
  }

  /**
   * Batch normalisation over features or channels (Ioffe and Szegedy 2015).
   *
   * @param momentum share of the old running statistic that an update keeps (Keras's sense)
   * @param epsilon added to the variance
   */
  record BatchNorm(double momentum, double epsilon) implements Layer {
    /** Checks the ranges. */
    public BatchNorm {
      require(momentum >= 0 && momentum < 1, "batch-norm momentum (0 … 1)", momentum);
      require(epsilon > 0, "batch-norm epsilon", epsilon);
    }

    @Override
    public Shape output(Place at) {
      return at.input();
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      Shape shape = new Shape(at.input().get(0));
      return List.of(
          new ParameterSpec(at.parameter("gamma"), shape, WeightInit.ONES, true),
          new ParameterSpec(at.parameter("beta"), shape, WeightInit.ZEROS, true),
          new ParameterSpec(at.parameter("running_mean"), shape, WeightInit.ZEROS, false),
          new ParameterSpec(at.parameter("running_var"), shape, WeightInit.ONES, false));
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.batchNorm(this, at);
    }
  }

  /**
   * An element-wise function.
   *
   * @param function which
   * @param slope for negative inputs of {@link Function#LEAKY_RELU}, 0 otherwise
   */
  record Activation(Function function, double slope) implements Layer {
    /** The functions. */
    public enum Function {
      /** max(x, 0). */
      RELU,
      /** x where positive, slope × x elsewhere. */
      LEAKY_RELU,
      /** Hyperbolic tangent. */
      TANH,
      /** 1 / (1 + e⁻ˣ). */
      SIGMOID
    }

    @Override
    public Shape output(Place at) {
      return at.input();
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.activation(this, at);
    }
  }

  /**
   * Inverted dropout: in training each element is zeroed with the given probability and the rest
   * scaled up; otherwise nothing.
   *
   * @param rate probability of being dropped
   */
  record Dropout(double rate) implements Layer {
    /** Checks the rate. */
    public Dropout {
      require(rate >= 0 && rate < 1, "dropout rate (0 … 1)", rate);
    }

    @Override
    public Shape output(Place at) {
      return at.input();
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.dropout(this, at);
    }
  }

  /**
   * The same elements under another shape; flattening is the case of one axis.
   *
   * @param shape the new shape without the batch axis; a single −1 takes what is left
   */
  record Reshape(List<Integer> shape) implements Layer {
    /** Copies the list. */
    public Reshape {
      shape = List.copyOf(shape);
      require(!shape.isEmpty(), "reshape axes", shape.size());
    }

    @Override
    public Shape output(Place at) {
      long elements = at.input().size();
      long known = 1;
      int open = -1;
      for (int i = 0; i < shape.size(); i++) {
        if (shape.get(i) == -1 && open < 0) {
          open = i;
        } else if (shape.get(i) < 1) {
          throw failure(at, "reshape to " + shape + ": axis " + i + " is " + shape.get(i));
        } else {
          known *= shape.get(i);
        }
      }
      long[] result = shape.stream().mapToLong(Integer::longValue).toArray();
      if (open >= 0 && elements % known == 0) {
        result[open] = elements / known;
      } else if (elements != known) {
        throw failure(
            at,
            "reshape to "
                + shape
                + " needs "
                + known
                + " elements, "
                + at.input()
                + " has "
                + elements);
      }
      return new Shape(result);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.reshape(this, at);
    }
  }

  /**
   * Pooling without padding; a last partial window is left out.
   *
   * @param kind maximum or mean of each window
   * @param kernel side of the window
   * @param stride step
   */
  record Pool(Kind kind, int kernel, int stride) implements Layer {
    /** What a window becomes. */
    public enum Kind {
      /** Its largest element. */
      MAX,
      /** Its mean. */
      AVERAGE
    }

    /** Checks the sizes. */
    public Pool {
      require(kernel >= 1, "pool kernel", kernel);
      require(stride >= 1, "pool stride", stride);
    }

    @Override
    public Shape output(Place at) {
      rank(at, 3, "pool");
      Shape in = at.input();
      if (in.get(1) < kernel || in.get(2) < kernel) {
        throw failure(at, "pool " + kernel + "×" + kernel + " does not fit " + in);
      }
      return new Shape(
          in.get(0), (in.get(1) - kernel) / stride + 1, (in.get(2) - kernel) / stride + 1);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.pool(this, at);
    }
  }

  /**
   * The label's embedding multiplied element by element into a vector.
   *
   * @param init of the embedding, (classes, width)
   */
  record LabelMultiply(WeightInit init) implements Layer {
    @Override
    public Shape output(Place at) {
      rank(at, 1, "label-multiply");
      labelled(at, "label-multiply");
      return at.input();
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      Shape shape = new Shape(at.classes(), at.input().get(0));
      return List.of(new ParameterSpec(at.parameter("embedding"), shape, init, true));
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.labelMultiply(this, at);
    }
  }

  /**
   * The label's embedding, as large as the picture, stacked on it as the last channel.
   *
   * @param init of the embedding, (classes, height × width)
   */
  record LabelChannel(WeightInit init) implements Layer {
    @Override
    public Shape output(Place at) {
      rank(at, 3, "label-channel");
      labelled(at, "label-channel");
      Shape in = at.input();
      return new Shape(in.get(0) + 1, in.get(1), in.get(2));
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      Shape shape = new Shape(at.classes(), at.input().get(1) * at.input().get(2));
      return List.of(new ParameterSpec(at.parameter("embedding"), shape, init, true));
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.labelChannel(this, at);
    }
  }

  /**
   * The one-hot label joined after a vector, or repeated over a picture as channels after its own.
   *
   * @param scale what stands for the label instead of 1; beside a latent of n normal numbers √n
   *     gives both the same length
   */
  record LabelOneHot(double scale) implements Layer {
    /** Checks the scale. */
    public LabelOneHot {
      require(scale > 0, "label-one-hot scale", scale);
    }

    @Override
    public Shape output(Place at) {
      labelled(at, "label-one-hot");
      Shape in = at.input();
      if (in.dimension() == 1) {
        return new Shape(in.get(0) + at.classes());
      }
      rank(at, 3, "label-one-hot");
      return new Shape(in.get(0) + at.classes(), in.get(1), in.get(2));
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.labelOneHot(this, at);
    }
  }

  /**
   * y = body(x) + shortcut(x).
   *
   * @param body the main path
   * @param shortcut the other path; empty for the identity
   */
  record Residual(List<Layer> body, List<Layer> shortcut) implements Layer {
    /** Copies the lists. */
    public Residual {
      body = List.copyOf(body);
      shortcut = List.copyOf(shortcut);
      require(!body.isEmpty(), "residual body layers", body.size());
    }

    /**
     * The body's sequence.
     *
     * @param at this layer's place
     * @return steps with their places
     */
    public List<Network.Step> bodySteps(Place at) {
      return Network.steps(at.path() + ".body.", at.input(), at.classes(), body);
    }

    /**
     * The shortcut's sequence.
     *
     * @param at this layer's place
     * @return steps with their places; empty for the identity
     */
    public List<Network.Step> shortcutSteps(Place at) {
      return Network.steps(at.path() + ".shortcut.", at.input(), at.classes(), shortcut);
    }

    @Override
    public Shape output(Place at) {
      Shape main = Network.last(bodySteps(at), at.input());
      Shape other = Network.last(shortcutSteps(at), at.input());
      if (!main.equals(other)) {
        throw failure(at, "residual body makes " + main + " but its shortcut " + other);
      }
      return main;
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      List<ParameterSpec> all = new ArrayList<>();
      bodySteps(at).forEach(step -> all.addAll(step.parameters()));
      shortcutSteps(at).forEach(step -> all.addAll(step.parameters()));
      return List.copyOf(all);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.residual(this, at);
    }
  }

  /**
   * A whole network of somebody's own: a DJL block. This says what the block is, not what it
   * computes, so only who has the block can run it.
   *
   * @param kind the name of its class
   * @param shape of what it makes, without the batch axis
   * @param labels whether it reads the label, as its second input
   * @param arrays its parameters
   * @param block itself; empty where this was read from a file
   */
  record Own(
      String kind, List<Integer> shape, boolean labels, List<Array> arrays, Optional<Block> block)
      implements Layer {
    /** Copies the lists. */
    public Own {
      shape = List.copyOf(shape);
      arrays = List.copyOf(arrays);
    }

    /**
     * One of a block's parameters.
     *
     * @param name unique in the block, as DJL gives it
     * @param shape its shape
     * @param trained whether a gradient moves it
     */
    public record Array(String name, List<Integer> shape, boolean trained) {
      /** Copies the shape. */
      public Array {
        shape = List.copyOf(shape);
      }
    }

    @Override
    public Shape output(Place at) {
      if (labels) {
        labelled(at, kind);
      }
      return new Shape(shape.stream().mapToLong(Integer::longValue).toArray());
    }

    @Override
    public List<ParameterSpec> parameters(Place at) {
      return arrays.stream()
          .map(
              array ->
                  new ParameterSpec(
                      at.parameter(array.name()),
                      new Shape(array.shape().stream().mapToLong(Integer::longValue).toArray()),
                      WeightInit.ZEROS,
                      array.trained()))
          .toList();
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor, Place at) {
      return visitor.own(this, at);
    }
  }

  /**
   * The weight, then a bias of so many elements if there is one, then spectral norm's vector of so
   * many if there is one.
   */
  private static List<ParameterSpec> arrays(
      Place at, Shape weight, WeightSpec weights, int biases, int spectralRows) {
    List<ParameterSpec> all = new ArrayList<>();
    all.add(new ParameterSpec(at.parameter("weight"), weight, weights.init(), true));
    weights
        .bias()
        .ifPresent(
            init ->
                all.add(new ParameterSpec(at.parameter("bias"), new Shape(biases), init, true)));
    if (weights.spectralNorm()) {
      all.add(SpectralNorm.vector(at, spectralRows));
    }
    return List.copyOf(all);
  }

  private static void checkKernel(String kind, int channels, int kernel, int stride, int padding) {
    require(channels >= 1, kind + " channels", channels);
    require(kernel >= 1, kind + " kernel", kernel);
    require(stride >= 1, kind + " stride", stride);
    require(padding >= WRAP, kind + " padding", padding);
  }

  private static void require(boolean holds, String what, Number value) {
    if (!holds) {
      throw new NetworkException(what + " cannot be " + value);
    }
  }

  private static void rank(Place at, int axes, String kind) {
    if (at.input().dimension() != axes) {
      throw failure(
          at,
          kind
              + (axes == 1 ? " needs a vector" : " needs a picture (channels, height, width)")
              + ", got "
              + at.input());
    }
  }

  private static void labelled(Place at, String kind) {
    if (at.classes() < 1) {
      throw failure(at, kind + " needs labels, but the network is unconditional");
    }
  }

  private static NetworkException failure(Place at, String what) {
    return new NetworkException("layer " + at.path() + ": " + what);
  }
}
