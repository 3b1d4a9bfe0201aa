package dev.djinn.sampler;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A request turned into rows on the heap, which hold the samples once they have run. */
final class Draw {
  private final GeneratorContract contract;
  private final int count;
  private final float[] latents;
  private final long[] labels;
  private final float[] image;
  private final byte[] pixels;

  private Draw(SampleRequest request, GeneratorContract contract, int values) {
    this.contract = contract;
    count = request.count();
    latents = latents(request, contract);
    labels = labels(request, contract);
    image = request.wants(Output.IMAGE) ? new float[values] : null;
    pixels = request.wants(Output.PIXELS) ? new byte[values] : null;
  }

  static Draw of(SampleRequest request, GeneratorContract contract) {
    check(request, contract);
    int row = Math.max(contract.image().size(), contract.latent().size());
    int most = (Integer.MAX_VALUE - 8) / row;
    if (request.count() > most) {
      throw SamplerException.invalidRequest(
          "a count of "
              + request.count()
              + " does not fit into one array: ask for at most "
              + most
              + " at a time, or for a stream");
    }
    return new Draw(request, contract, request.count() * contract.image().size());
  }

  /** {@return what to run; it fits the generator, so that nobody needs to look at it again} */
  Rows rows() {
    return new Rows(
        count,
        FloatBuffer.wrap(latents),
        contract.conditional() ? LongBuffer.wrap(labels) : null,
        image == null ? null : FloatBuffer.wrap(image),
        pixels == null ? null : ByteBuffer.wrap(pixels));
  }

  Samples samples() {
    int[] narrow = LongStream.of(labels).mapToInt(label -> (int) label).toArray();
    return new Samples(count, contract.image(), image, pixels, narrow);
  }

  /** Refuses a request that does not fit the generator, before anything is allocated. */
  static void check(SampleRequest request, GeneratorContract contract) {
    int[] labels = request.givenLabels();
    if (labels != null && !contract.conditional()) {
      throw SamplerException.invalidRequest("a label given, but this generator is unconditional");
    }
    if (labels != null) {
      for (int label : labels) {
        Rows.checkLabel(label, contract);
      }
    }
    float[] latents = request.givenLatents();
    if (latents != null) {
      Rows.checkLatents(FloatBuffer.wrap(latents), request.count(), contract);
    }
  }

  private static float[] latents(SampleRequest request, GeneratorContract contract) {
    if (request.givenLatents() != null) {
      return request.givenLatents(); // They are only read.
    }
    float[] drawn = new float[request.count() * contract.latent().size()];
    Latents.fill(request.seed(), request.firstIndex(), request.count(), drawn, contract.latent());
    if (request.truncation() != 1) {
      double centre = LatentSpace.centre(contract.latent());
      for (int i = 0; i < drawn.length; i++) {
        drawn[i] = (float) (centre + request.truncation() * (drawn[i] - centre));
      }
    }
    return drawn;
  }

  private static long[] labels(SampleRequest request, GeneratorContract contract) {
    if (request.givenLabels() != null) {
      int[] given = request.givenLabels();
      return IntStream.range(0, request.count())
          .mapToLong(i -> given[given.length == 1 ? 0 : i])
          .toArray();
    }
    if (!contract.conditional()) {
      return new long[0];
    }
    long[] drawn = new long[request.count()];
    LongBuffer buffer = LongBuffer.wrap(drawn);
    Latents.fillLabels(
        request.seed(), request.firstIndex(), request.count(), buffer, contract.labels().size());
    return drawn;
  }
}
