package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnTensorsTest {
  private static final SamplerOptions OPTIONS =
      SamplerOptions.DEFAULT.withForeign(
          ForeignModel.of(Latent.normal(8), List.of(), new Image(3, 4, 4), -1, 1));

  @TempDir Path folder;

  @Test
  void givesWhatTheModelMakesAsItIs() throws Exception {
    try (Sampler sampler = Sampler.open(AnyGeneratorTest.met("names.onnx"), OPTIONS)) {
      assertEquals("generator/z:0", sampler.ownInputs().get(0).name());
      assertEquals(List.of(-1L, 3L, 4L, 4L), sampler.ownOutputs().get(0).shape());
      float[] latents = new float[16];
      Latents.fill(9, 0, 2, latents, Latent.normal(8));
      ModelTensor out =
          sampler.submit(List.of(input("generator/z:0", latents)), List.of()).join().get(0);
      assertEquals("Πίνακας/画像:0", out.name());
      assertEquals(List.of(2L, 3L, 4L, 4L), out.shape());
      float[] image = sampler.sample(SampleRequest.of(2).withSeed(9)).image();
      for (int i = 0; i < image.length; i++) {
        assertEquals((out.data().getFloat(4 * i) + 1) / 2, image[i], 1e-6f); // raw: after tanh
      }
    }
  }

  @Test
  void refusesWhatDoesNotFitInOneLine() throws Exception {
    try (Sampler sampler = Sampler.open(AnyGeneratorTest.met("names.onnx"), OPTIONS)) {
      refuses(sampler, "the model has no input 'z'", input("z", new float[8]));
      refuses(sampler, "the request lacks the input 'generator/z:0'");
      ModelTensor good = input("generator/z:0", new float[8]);
      refuses(sampler, "input 'generator/z:0' is given twice", good, good);
      refuses(
          sampler,
          "input 'generator/z:0' is DOUBLE; the model takes FLOAT",
          new ModelTensor("generator/z:0", "DOUBLE", good.shape(), good.data()));
      refuses(
          sampler,
          "input 'generator/z:0' has 32 bytes; its shape makes 64",
          new ModelTensor("generator/z:0", "FLOAT", List.of(2L, 8L), good.data()));
      float[] nan = {0, 0, Float.NaN, 0, 0, 0, 0, 0};
      refuses(
          sampler,
          "input 'generator/z:0' has NaN at 2: numbers must be finite",
          input("generator/z:0", nan));
    }
  }

  @Test
  void aNumberThatIsNotFiniteIsAnErrorHereToo() throws Exception {
    try (Sampler sampler = Sampler.open(AnyGeneratorTest.met("rare_nan.onnx"), OPTIONS)) {
      String name = sampler.ownInputs().get(0).name();
      int bad = 0;
      for (int seed = 0; seed < 60; seed++) {
        float[] latent = new float[8];
        Latents.fill(seed, 0, 1, latent, Latent.normal(8));
        try {
          sampler.submit(List.of(input(name, latent)), List.of()).join();
        } catch (CompletionException e) {
          SamplerException cause = (SamplerException) e.getCause();
          assertEquals(Reason.FAILED, cause.reason());
          assertTrue(cause.getMessage().endsWith("numbers must be finite"), cause.getMessage());
          bad++;
        }
      }
      assertTrue(bad > 2, bad + " of 60");
    }
  }

  @Test
  void givenInputsNeedNotBeSent() throws Exception {
    ForeignModel.Wiring wiring =
        new ForeignModel.Wiring(
            ForeignModel.Wiring.NONE.latent(),
            ForeignModel.Wiring.NONE.label(),
            ForeignModel.Wiring.NONE.image(),
            Map.of("psi", List.of(0.7), "noise0", List.of(0.0)));
    ForeignModel said = OPTIONS.foreign().orElseThrow();
    SamplerOptions options = OPTIONS.withForeign(new ForeignModel(said.contract(), -1, 1, wiring));
    try (Sampler sampler = Sampler.open(AnyGeneratorTest.met("stylegan.onnx"), options)) {
      List<ModelTensor> made =
          sampler.submit(List.of(input("z", new float[24])), List.of("img")).join();
      assertEquals(List.of(3L, 3L, 4L, 4L), made.get(0).shape());
    }
  }

  private static void refuses(Sampler sampler, String message, ModelTensor... inputs) {
    CompletionException e =
        assertThrows(
            CompletionException.class, () -> sampler.submit(List.of(inputs), List.of()).join());
    assertEquals(message, e.getCause().getMessage());
    assertEquals(Reason.INVALID_REQUEST, ((SamplerException) e.getCause()).reason());
  }

  private static ModelTensor input(String name, float[] numbers) {
    ByteBuffer data = ByteBuffer.allocate(numbers.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(numbers);
    return new ModelTensor(name, "FLOAT", List.of(numbers.length / 8L, 8L), data);
  }
}
