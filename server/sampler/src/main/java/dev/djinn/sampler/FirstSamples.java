package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws the first samples of a model, to find out at once and not later what is wrong with it.
 *
 * @param engine runs the model, row by row where it must
 * @param contract the model's, with what was found
 */
record FirstSamples(Engine engine, GeneratorContract contract) {
  private static final Logger LOG = LoggerFactory.getLogger(FirstSamples.class);

  /** Differences of an image that are rounding, not another picture. */
  private static final float ROUNDING = 1e-4f;

  /**
   * Draws them; on failure the model is closed.
   *
   * @throws SamplerException if it cannot be run, or breaks the promise of the seed and may not
   */
  static FirstSamples of(GeneratorModel model, ModelSource source, SamplerOptions options) {
    String name = source.name();
    Engine engine = new Engine(model, name, options);
    try {
      float[] first = image(engine, 1);
      String broken;
      try {
        broken = broken(engine, first);
      } catch (SamplerException e) {
        if (e.reason() != Reason.FAILED || model.binding().batch() > 0) {
          throw e;
        }
        // One row was well, two were not: its graph has the batch of one built in.
        LOG.info("{} runs row by row: {}", name, e.getMessage());
        engine.handOver();
        engine = new Engine(model.withBatch(1), name, options);
        broken = broken(engine, first);
      }
      return new FirstSamples(engine, marked(model.binding().contract(), broken, options));
    } catch (SamplerException e) {
      engine.close();
      throw new SamplerException(Reason.INVALID_MODEL, name + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      engine.close();
      throw new SamplerException(
          Reason.INVALID_MODEL, name + ": one image is too large here: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  /** Draws row 0 again, and beside another; says how it differs, or null if it does not. */
  private static String broken(Engine engine, float[] first) {
    float[] again = image(engine, 1);
    float[] beside = image(engine, 2);
    engine.batcher().resetStatistics(); // Those were nobody's.
    if (!Arrays.equals(first, again)) {
      return "it draws another picture each time, so there is something random inside";
    }
    for (int i = 0; i < first.length; i++) {
      if (Math.abs(first[i] - beside[i]) > ROUNDING) {
        return "a picture depends on those that are drawn beside it";
      }
    }
    return null;
  }

  private static GeneratorContract marked(
      GeneratorContract contract, String broken, SamplerOptions options) {
    if (broken != null && options.bounds().strict()) {
      throw new SamplerException(
          Reason.INVALID_MODEL, "it breaks the promise of the seed: " + broken);
    }
    return broken == null ? contract : contract.withBrokenSeed(broken);
  }

  private static float[] image(Engine engine, int count) {
    return engine.sample(SampleRequest.of(count).withOutputs(Output.IMAGE)).image();
  }
}
