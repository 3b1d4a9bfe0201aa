package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Does for a foreign model's images what an exported graph does itself: range, then bytes. */
final class ForeignImages {
  private ForeignImages() {}

  /** Maps {@code image} to [0, 1] in place and, unless {@code pixels} is null, fills it. */
  static void convert(Binding binding, int count, FloatBuffer image, ByteBuffer pixels) {
    Image shape = binding.contract().image();
    int plane = shape.height() * shape.width();
    float black = binding.black();
    float scale = 1 / (binding.white() - binding.black());
    for (int row = 0; row < count; row++) {
      for (int channel = 0; channel < shape.channels(); channel++) {
        int from = row * shape.size() + channel * plane;
        int to = row * shape.size() + channel;
        for (int i = 0; i < plane; i++) {
          float value = Math.min(1, Math.max(0, (image.get(from + i) - black) * scale));
          image.put(from + i, value);
          if (pixels != null) {
            pixels.put(to + i * shape.channels(), (byte) Math.rint(value * 255f));
          }
        }
      }
    }
  }
}
