package dev.djinn.sampler;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * An input that is neither latent nor label, and what it holds in every run, such as StyleGAN's
 * {@code psi} or a noise.
 *
 * @param name the input's
 * @param info its type and shape
 * @param values one for all of the tensor, or each of a row, or each of the whole tensor
 */
record GivenInput(String name, TensorInfo info, List<Double> values) {
  /** Makes its tensor for a batch; to be closed by the caller. */
  OnnxTensor tensor(OrtEnvironment environment, int rows) throws OrtException {
    long[] shape = shape(rows);
    long size = Tensors.size(shape);
    ByteBuffer buffer = Tensors.direct(size, info.type);
    for (int i = 0; i < size; i++) {
      Tensors.put(buffer, info.type, i, values.get(i % values.size()));
    }
    return OnnxTensor.createTensor(environment, buffer, shape, info.type);
  }

  /**
   * The first size that the file leaves open is the batch, another what the values leave for it.
   */
  private long[] shape(int rows) {
    long[] shape = info.getShape();
    long known = 1;
    int open = -1;
    for (int i = 0; i < shape.length; i++) {
      if (i == 0 && shape[0] < 0) {
        shape[0] = rows;
      } else if (shape[i] < 0 && open < 0) {
        open = i;
      } else if (shape[i] < 0) {
        shape[i] = 1;
      } else {
        known *= shape[i];
      }
    }
    if (open >= 0) {
      shape[open] = Math.max(1, values.size() / Math.max(1, known));
    }
    long size = Tensors.size(shape);
    long row = info.getShape().length > 0 && info.getShape()[0] < 0 ? size / rows : size;
    if (values.size() != 1 && values.size() != row && values.size() != size) {
      throw SamplerException.invalidModel(
          "input '"
              + name
              + "' is "
              + info.type
              + " "
              + Arrays.toString(info.getShape())
              + " and takes 1 or "
              + row
              + " numbers, but "
              + values.size()
              + " are given");
    }
    return shape;
  }
}
