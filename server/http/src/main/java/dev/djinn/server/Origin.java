package dev.djinn.server;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.LatentSpace;
import dev.djinn.sampler.Sha256;
import java.nio.ByteBuffer;

/** Where the latents of a query's samples come from. */
sealed interface Origin {

  /**
   * Gives the latents.
   *
   * @param seed the query's
   * @param first number of its first sample
   * @param count of samples
   * @param contract of the generator
   * @return (count, latent size); null to have them drawn by the seed
   */
  float[] latents(long seed, long first, int count, GeneratorContract contract);

  /** {@return what tells it from every other one, in few characters} */
  String key();

  /** The query's seed: sample after sample. */
  record Drawn() implements Origin {
    @Override
    public float[] latents(long seed, long first, int count, GeneratorContract contract) {
      return null;
    }

    @Override
    public String key() {
      return "drawn";
    }
  }

  /**
   * The way from the query's first sample to the same sample of another seed, in equal steps.
   *
   * @param to the other seed
   */
  record Walk(long to) implements Origin {
    @Override
    public float[] latents(long seed, long first, int count, GeneratorContract contract) {
      Latent prior = contract.latent();
      float[] from = LatentSpace.point(seed, first, prior);
      float[] end = LatentSpace.point(to, first, prior);
      return LatentSpace.walk(prior, count, from, end);
    }

    @Override
    public String key() {
      return "to" + to;
    }
  }

  /**
   * The plane of the latent's first two numbers.
   *
   * @param side pictures in a row, and rows
   */
  record Manifold(int side) implements Origin {
    @Override
    public float[] latents(long seed, long first, int count, GeneratorContract contract) {
      return LatentSpace.manifold(side, contract.latent());
    }

    @Override
    public String key() {
      return "manifold";
    }
  }

  /**
   * Latents as given.
   *
   * @param values (count, latent size)
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared; copied by the sampler.
  record Given(float[] values) implements Origin {
    @Override
    public float[] latents(long seed, long first, int count, GeneratorContract contract) {
      return values;
    }

    @Override
    public String key() {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.asFloatBuffer().put(values);
      return "latent" + Sha256.hex(bytes.array()).substring(0, 32);
    }
  }
}
