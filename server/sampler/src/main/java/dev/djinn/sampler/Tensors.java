package dev.djinn.sampler;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Numbers of every type that a generator's tensors may have. */
final class Tensors {
  /** Types of latents and images. */
  static final Set<OnnxJavaType> REAL =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.DOUBLE, OnnxJavaType.BFLOAT16);

  /** Types of labels by number. */
  static final Set<OnnxJavaType> WHOLE = Set.of(OnnxJavaType.INT64, OnnxJavaType.INT32);

  private static final int MOST = Integer.MAX_VALUE - 8;

  private Tensors() {}

  /** Gives the tensors among a session's inputs or outputs, in its order. */
  static Map<String, TensorInfo> of(Map<String, NodeInfo> nodes) {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    nodes.forEach(
        (name, node) -> {
          if (node.getInfo() instanceof TensorInfo info) {
            tensors.put(name, info);
          }
        });
    return tensors;
  }

  /** {@return such as {@code z FLOAT [-1, 100]}} */
  static String text(String name, TensorInfo info) {
    return name + " " + info.type + " " + Arrays.toString(info.getShape());
  }

  /** {@return the tensors, separated by commas} */
  static String text(Map<String, TensorInfo> tensors) {
    List<String> all =
        tensors.entrySet().stream().map(one -> text(one.getKey(), one.getValue())).toList();
    return all.isEmpty() ? "none" : String.join(", ", all);
  }

  /** Gives direct memory, in the machine's order as ONNX Runtime wants it. */
  static ByteBuffer direct(long numbers, OnnxJavaType type) {
    if (numbers * type.size > MOST) {
      throw SamplerException.invalidModel(
          "a tensor of " + numbers + " numbers of " + type + " is too large for a batch");
    }
    return ByteBuffer.allocateDirect((int) (numbers * type.size)).order(ByteOrder.nativeOrder());
  }

  /** {@return how many numbers a tensor of this shape has} */
  static long size(long... shape) {
    long size = 1;
    for (long dimension : shape) {
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }

  /** Writes a number, rounded to the type. */
  static void put(ByteBuffer to, OnnxJavaType type, int at, double value) {
    switch (type) {
      case FLOAT -> to.putFloat(at * 4, (float) value);
      case DOUBLE -> to.putDouble(at * 8, value);
      case FLOAT16 -> to.putShort(at * 2, Fp16Conversions.floatToFp16((float) value));
      case BFLOAT16 -> to.putShort(at * 2, Fp16Conversions.floatToBf16((float) value));
      case INT64 -> to.putLong(at * 8, (long) value);
      case INT32 -> to.putInt(at * 4, (int) value);
      case INT16 -> to.putShort(at * 2, (short) value);
      case INT8, UINT8 -> to.put(at, (byte) (int) value);
      case BOOL -> to.put(at, (byte) (value == 0 ? 0 : 1));
      case STRING, UNKNOWN -> throw SamplerException.invalidModel("no numbers of type " + type);
    }
  }

  /** Reads a number. */
  static float get(ByteBuffer from, OnnxJavaType type, int at) {
    return switch (type) {
      case FLOAT -> from.getFloat(at * 4);
      case DOUBLE -> (float) from.getDouble(at * 8);
      case FLOAT16 -> Fp16Conversions.fp16ToFloat(from.getShort(at * 2));
      case BFLOAT16 -> Fp16Conversions.bf16ToFloat(from.getShort(at * 2));
      case UINT8 -> Byte.toUnsignedInt(from.get(at));
      case INT64, INT32, INT16, INT8, BOOL, STRING, UNKNOWN ->
          throw SamplerException.invalidModel("an image of type " + type + " is none");
    };
  }
}
