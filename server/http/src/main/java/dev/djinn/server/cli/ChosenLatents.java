package dev.djinn.server.cli;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.LatentSpace;
import dev.djinn.sampler.Latents;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Latents and labels that are chosen instead of drawn: walks, planes, given ones. */
final class ChosenLatents {
  private static final int COUNT = 64;

  @Option(
      names = "--to",
      paramLabel = "S,...",
      split = ",",
      description =
          "Walk from the seed's first sample to that of another seed, and on to further ones, in N"
              + " equal steps: on great circles for a normal latent, straight for a uniform one."
              + " Repeatable.")
  private List<Long> stops = new ArrayList<>();

  @Option(
      names = "--to-label",
      paramLabel = "L",
      description =
          "Go on to another label, and to further ones, each in an equal share of the N samples;"
              + " without --to of one latent. Repeatable.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--manifold",
      paramLabel = "SIDE",
      description =
          "SIDE x SIDE samples over the plane of the latent's first two numbers. Default: none.")
  private Integer side;

  @Option(
      names = "--latents",
      paramLabel = "GIVEN",
      description =
          "Latents instead of drawn ones: a .npy of float32 or float64 (n, latent size), or numbers"
              + " with commas between. Default: drawn by the seed.")
  private String given;

  private float[] read;

  /** Columns that a grid has of itself; null if it has none. */
  Integer side() {
    return side;
  }

  /** Gives the number of samples, which a plane and given latents have already. */
  int count(Integer asked, GeneratorContract contract) {
    List<String> ways =
        Stream.of(
                stops.isEmpty() ? null : "--to",
                side == null ? null : "--manifold",
                given == null ? null : "--latents")
            .filter(way -> way != null)
            .toList();
    if (ways.size() > 1) {
      throw bad(String.join(" and ", ways) + " exclude each other");
    }
    int fixed = 0;
    if (side != null) {
      if (side < 2 || side > 1000) {
        throw bad("--manifold " + side + " is not between 2 and 1000");
      }
      fixed = side * side;
    } else if (given != null) {
      int size = contract.latent().size();
      read = readGiven(size);
      fixed = read.length / size;
    }
    if (fixed > 0 && asked != null && asked != fixed) {
      throw bad("-n " + asked + " given, but the latents make " + fixed);
    }
    int count = fixed > 0 ? fixed : asked == null ? COUNT : asked;
    int least = Math.max(stops.size(), labels.size()) + 1;
    if (count >= 1 && count < least) {
      throw bad("-n " + count + " is too few for a way over " + least + " stops");
    }
    return count;
  }

  /** Adds latents and labels; the request has the label that was given. */
  SampleRequest apply(SampleRequest request, GeneratorContract contract) {
    float[] latents = latents(request, contract);
    if (latents == null) {
      return request;
    }
    if (request.truncation() != 1) {
      throw bad("--truncation is for samples that the seed draws");
    }
    if (!contract.conditional() && labels.isEmpty()) {
      return request.withLatents(latents);
    }
    int[] way = new int[labels.size() + 1];
    for (int i = 1; i < way.length; i++) {
      way[i] = contract.label(labels.get(i - 1));
    }
    // One for all: who looks at how pictures change wants them to change by the latents alone.
    way[0] = request.labels().map(one -> one[0]).orElseGet(() -> drawnLabel(request, contract));
    int[] each = new int[request.count()];
    for (int i = 0; i < each.length; i++) {
      each[i] = way[(int) ((long) i * way.length / each.length)];
    }
    return request.withLatents(latents).withLabels(each);
  }

  /** Gives (count, latent size); null to have them drawn. */
  private float[] latents(SampleRequest request, GeneratorContract contract) {
    if (read != null) {
      return read;
    }
    if (side != null) {
      return LatentSpace.manifold(side, contract.latent());
    }
    if (stops.isEmpty() && labels.isEmpty()) {
      return null;
    }
    List<float[]> way = new ArrayList<>();
    way.add(point(request.seed(), request, contract));
    for (long stop : stops.isEmpty() ? List.of(request.seed()) : stops) {
      way.add(point(stop, request, contract));
    }
    return LatentSpace.walk(contract.latent(), request.count(), way.toArray(float[][]::new));
  }

  private static float[] point(long seed, SampleRequest request, GeneratorContract contract) {
    return LatentSpace.point(seed, request.firstIndex(), contract.latent());
  }

  private static int drawnLabel(SampleRequest request, GeneratorContract contract) {
    LongBuffer drawn = LongBuffer.allocate(1);
    int classes = contract.labels().size();
    Latents.fillLabels(request.seed(), request.firstIndex(), 1, drawn, classes);
    return (int) drawn.get(0);
  }

  private float[] readGiven(int size) {
    if (given.endsWith(".npy")) {
      try {
        return NpyLatents.read(Path.of(given), size);
      } catch (IOException e) {
        throw bad("cannot read --latents " + given + ": " + e.getMessage());
      }
    }
    String[] parts = given.split(",", -1);
    if (parts.length % size != 0) {
      throw bad(
          "--latents holds "
              + parts.length
              + " numbers; this model takes "
              + size
              + " a sample (a file's name ends in .npy)");
    }
    float[] values = new float[parts.length];
    for (int i = 0; i < values.length; i++) {
      String part = parts[i].strip();
      boolean number = part.matches("[-+]?[0-9]{1,64}(\\.[0-9]{0,64})?([eE][-+]?[0-9]{1,3})?");
      values[i] = number ? Float.parseFloat(part) : Float.NaN;
      if (!Float.isFinite(values[i])) {
        throw bad("--latents holds '" + part + "', which is not a finite number");
      }
    }
    return values;
  }

  private static SamplerException bad(String what) {
    return new SamplerException(Reason.INVALID_REQUEST, what);
  }
}
