package dev.djinn.network;

import java.util.Locale;

/** The lines of a TorchScript method, and those that more than one kind of layer writes. */
final class TorchLines {
  private final StringBuilder code = new StringBuilder();
  private int temporaries;

  /** Names what an expression makes. */
  String let(String expression) {
    String name = "t" + temporaries++;
    code.append("  ").append(name).append(" = ").append(expression).append('\n');
    return name;
  }

  /**
   * The kernel of a nearest upsampling and a convolution in one. Repeating a pixel over scale ×
   * scale others and sliding a kernel over them is a transposed convolution whose kernel is the
   * flipped one summed over such squares. For a scale of 2 and a kernel of 3 that is 4 products a
   * pixel instead of 9, for a kernel of 5 it is 9 instead of 25, and the large picture in between
   * is never there. What comes out is the same but for the order in which it is summed.
   */
  String upsampledKernel(String weight, int scale) {
    int edge = scale - 1;
    String flipped = "torch.transpose(torch.flip(" + weight + ", [2, 3]), 0, 1)";
    String padded =
        let(
            String.format(
                Locale.ROOT,
                "torch.constant_pad_nd(%s, [%d, %d, %d, %d], 0)",
                flipped,
                edge,
                edge,
                edge,
                edge));
    // An average over squares, divided by 1.
    return let(
        "torch.avg_pool2d(" + padded + ", " + pair(scale) + ", [1, 1], [0, 0], False, True, 1)");
  }

  /** libtorch adds this layer's bias in a slow kernel of its own; in place is a pass less, too. */
  String transposedConv(
      String x,
      String weight,
      int stride,
      String padding,
      int outputPadding,
      int groups,
      String bias) {
    String sum =
        let(
            String.format(
                Locale.ROOT,
                "torch.conv_transpose2d(%s, %s, None, %s, %s, %s, %d, [1, 1])",
                x,
                weight,
                pair(stride),
                padding,
                pair(outputPadding),
                groups));
    return bias.equals("None")
        ? sum
        : let("torch.add_(" + sum + ", torch.reshape(" + bias + ", [-1, 1, 1]))");
  }

  /** One kernel for every channel, (channels, 1, taps, taps), of libtorch's number of a type. */
  String eachChannel(String x, int dataType, float[] taps, long channels) {
    return let(
        String.format(
            Locale.ROOT,
            "torch.expand(torch.tensor(%s, dtype=%d, device=ops.prim.device(%s)), [%d, -1, -1, -1])",
            Resampling.square(taps),
            dataType,
            x,
            channels));
  }

  /** libtorch's convolution pads both ends alike, so what the far end has more comes first. */
  String padBehind(String x, int rows, int columns) {
    return rows == 0 && columns == 0
        ? x
        : let(
            String.format(
                Locale.ROOT, "torch.constant_pad_nd(%s, [0, %d, 0, %d], 0)", x, columns, rows));
  }

  /** An axis of so many with its end laid before it and its beginning behind. */
  String wrapped(String x, int axis, long size, int before, int behind) {
    if (before == 0 && behind == 0) {
      return x;
    }
    return let(
        String.format(
            Locale.ROOT,
            "torch.cat([torch.narrow(%1$s, %2$d, %3$d, %4$d), %1$s, torch.narrow(%1$s, %2$d, 0,"
                + " %5$d)], %2$d)",
            x,
            axis,
            size - before,
            before,
            behind));
  }

  static String pair(int value) {
    return "[" + value + ", " + value + "]";
  }

  @Override
  public String toString() {
    return code.toString();
  }
}
