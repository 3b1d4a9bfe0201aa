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
    int row = Math.max(contract.image().size(), contract.latent().size());
    int most = (Integer.MAX_VALUE - 8) / row;
    if (request.count() > most) {
      throw SamplerException.invalidRequest(
          "a count of "
              + request.count()
              + " does not fit into one array: ask for at most "
              + most
              + " at a time, with withFirstIndex for the rest");
    }
    return new Draw(request, contract, request.count() * contract.image().size());
  }

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

  private static float[] latents(SampleRequest request, GeneratorContract contract) {
    int size = contract.latent().size();
    if (request.latents().isPresent()) {
      float[] given = request.latents().get();
      if (given.length != request.count() * size) {
        throw SamplerException.invalidRequest(
            "latents hold "
                + given.length
                + " numbers, but "
                + request.count()
                + " x "
                + size
                + " are needed");
      }
      return given;
    }
    float[] drawn = new float[request.count() * size];
    Latents.fill(request.seed(), request.firstIndex(), request.count(), drawn, contract.latent());
    return drawn;
  }

  private static long[] labels(SampleRequest request, GeneratorContract contract) {
    if (request.labels().isPresent()) {
      if (!contract.conditional()) {
        throw SamplerException.invalidRequest("a label given, but this generator is unconditional");
      }
      return IntStream.of(request.labels().get()).asLongStream().toArray();
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
