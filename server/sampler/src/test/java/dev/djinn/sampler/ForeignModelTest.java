package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignModelTest {
  private static final ForeignModel FOREIGN =
      ForeignModel.of(Latent.normal(10), List.of(), new Image(2, 4, 4), -1, 1);

  @TempDir Path folder;

  @Test
  void samplesAModelWithoutContractAsOnnxRuntimeDoes() throws OrtException {
    Path file = TestModels.write(folder.resolve("z.onnx"), TestModels.foreign(), Map.of());
    SamplerOptions options = SamplerOptions.DEFAULT.withForeign(FOREIGN);
    try (Sampler sampler = Sampler.open(file, options)) {
      Samples samples = sampler.sample(SampleRequest.of(6).withSeed(8));
      float[] tanh = run(file, 6);
      for (int n = 0; n < 6; n++) {
        for (int channel = 0; channel < 2; channel++) {
          for (int at = 0; at < 16; at++) {
            int from = (n * 2 + channel) * 16 + at;
            float expected = (tanh[from] + 1) / 2;
            assertEquals(expected, samples.image()[from], 1e-7f);
            assertEquals(
                (int) Math.rint(samples.image()[from] * 255f),
                samples.pixels()[(n * 16 + at) * 2 + channel] & 255);
          }
        }
      }
    }
  }

  @Test
  void cutsOffWhatIsOutsideTheRange() {
    Path file = TestModels.write(folder.resolve("z.onnx"), TestModels.foreign(), Map.of());
    ForeignModel narrow = new ForeignModel(FOREIGN.contract(), 0.2f, -0.1f); // inverted, too
    try (Sampler sampler = Sampler.open(file, SamplerOptions.DEFAULT.withForeign(narrow))) {
      boolean zero = false;
      boolean one = false;
      for (float value : sampler.sample(SampleRequest.of(20)).image()) {
        assertEquals(value, Math.min(1, Math.max(0, value)));
        zero |= value == 0;
        one |= value == 1;
      }
      assertEquals(true, zero && one);
    }
  }

  @Test
  void saysWhatDoesNotFitTheContractGiven() {
    Path file = TestModels.write(folder.resolve("z.onnx"), TestModels.foreign(), Map.of());
    refuses(
        file,
        ForeignModel.of(Latent.normal(11), List.of(), new Image(2, 4, 4), -1, 1),
        "no floating-point input takes a latent of 11 numbers; inputs are z FLOAT [-1, 10, 1, 1]:"
            + " say what the model takes");
    refuses(
        file,
        ForeignModel.of(Latent.normal(10), List.of(), new Image(1, 4, 4), -1, 1),
        "no output is an image of 1 x 4 x 4, as numbers or uint8, channels first or last; one row"
            + " gives out FLOAT [1, 2, 4, 4]: say what the model makes, or export one that makes it");
    refuses(
        file,
        ForeignModel.of(Latent.normal(10), List.of("a", "b"), new Image(2, 4, 4), -1, 1),
        "no input takes one of 2 labels, as a whole number or one-hot; inputs are z FLOAT [-1, 10,"
            + " 1, 1]: say what the model takes");
  }

  private static void refuses(Path file, ForeignModel foreign, String message) {
    SamplerException e =
        assertThrows(
            SamplerException.class,
            () -> Sampler.open(file, SamplerOptions.DEFAULT.withForeign(foreign)));
    assertEquals(file + ": " + message, e.getMessage());
    assertEquals(Reason.INVALID_MODEL, e.reason());
  }

  private static float[] run(Path file, int count) throws OrtException {
    float[] latents = new float[count * 10];
    Latents.fill(8, 0, count, latents, Latent.normal(10));
    OrtEnvironment environment = OnnxRuntime.environment();
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(latents), new long[] {count, 10, 1, 1});
        OrtSession.Result result = session.run(Map.of("z", input))) {
      float[] out = new float[count * 32];
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(out);
      return out;
    }
  }
}
