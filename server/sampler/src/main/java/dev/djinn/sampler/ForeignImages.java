package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Does for a foreign model's images what an exported graph does itself: floats with the channels
 * first, their range, then bytes.
 */
final class ForeignImages {
  private ForeignImages() {}

  /** Puts what the model made of any type and order into {@code image}, channels first. */
  static void read(Binding binding, int count, ByteBuffer made, FloatBuffer image) {
    Image shape = binding.contract().image();
    int plane = shape.height() * shape.width();
    int channels = binding.channelsLast() ? shape.channels() : 1;
    Port port = binding.image();
    for (int i = 0; i < count * shape.size(); i++) {
      int row = i / shape.size();
      int within = i % shape.size();
      int from = within / plane + within % plane * channels;
      int at = channels == 1 ? i : row * shape.size() + from;
      image.put(i, Tensors.get(made, port.type(), at));
    }
  }

  /** Maps {@code image} to [0, 1] in place and, unless {@code pixels} is null, fills it. */
  static void convert(Binding binding, int count, FloatBuffer image, ByteBuffer pixels) {
    Image shape = binding.contract().image();
    int plane = shape.height() * shape.width();
    float black = binding.range().black();
    float scale = 1 / (binding.range().white() - black);
    for (int row = 0; row < count; row++) {
      for (int channel = 0; channel < shape.channels(); channel++) {
        int from = row * shape.size() + channel * plane;
        int to = row * shape.size() + channel;
        for (int i = 0; i < plane; i++) {
          float value = (image.get(from + i) - black) * scale;
          // What is not a number stays so, and is refused before anyone gets it.
          if (Float.isFinite(value)) {
            value = Math.min(1, Math.max(0, value));
          }
          image.put(from + i, value);
          if (pixels != null) {
            pixels.put(to + i * shape.channels(), (byte) Math.rint(value * 255f));
          }
        }
      }
    }
  }
}
