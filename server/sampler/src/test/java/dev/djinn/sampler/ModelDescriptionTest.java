package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDescriptionTest {
  private static final Image IMAGE = new Image(3, 4, 4);

  @TempDir Path folder;

  @Test
  void describesTheModelBesideItBeforeAnyOptions() throws Exception {
    Path file = Files.copy(AnyGeneratorTest.met("stylegan.onnx"), folder.resolve("model.onnx"));
    Files.writeString(
        folder.resolve("model.onnx.json"),
        """
        {"latent": {"size": 8, "distribution": "uniform", "low": -2, "high": 2, "input": "z"},
         "image": {"channels": 3, "height": 4, "width": 4, "black": 1, "white": -1, "output": "img"},
         "inputs": {"psi": 0.5, "noise0": 0}}
        """);
    ForeignModel other = ForeignModel.of(Latent.normal(3), List.of(), new Image(1, 2, 2), 0, 1);
    try (Sampler sampler = Sampler.open(file, SamplerOptions.DEFAULT.withForeign(other))) {
      assertEquals(Latent.uniform(8, -2, 2), sampler.contract().latent());
      assertEquals(1, sampler.foreign().orElseThrow().black());
      assertEquals(2 * 48, sampler.sample(SampleRequest.of(2)).image().length);
    }
  }

  @Test
  void draftsWhatItCanSeeAndTheDraftWorks() throws Exception {
    Path file = new ForeignGraph().label(DataType.FLOAT, 0, "3").write(folder.resolve("m.onnx"));
    String draft = DescriptionDraft.of(OnnxFile.read(ByteBuffer.wrap(Files.readAllBytes(file))));
    assertEquals(
        """
        {
          "latent": {"size":8,"distribution":"normal","input":"z"},
          "image": {"channels":3,"height":4,"width":4,"black":-1,"white":1,"output":"out"},
          "labels": 3,
          "label": "y"
        }
        """,
        draft);
    ForeignModel said = ForeignModel.of(Latent.normal(8), List.of("0", "1", "2"), IMAGE, -1, 1);
    float[] expected;
    try (Sampler sampler = Sampler.open(file, SamplerOptions.DEFAULT.withForeign(said))) {
      expected = sampler.sample(SampleRequest.of(4)).image();
    }
    Files.writeString(folder.resolve("m.onnx.json"), draft);
    try (Sampler sampler = Sampler.open(file)) {
      assertArrayEquals(expected, sampler.sample(SampleRequest.of(4)).image());
    }
  }

  @Test
  void draftsFurtherInputsAndOtherOrders() throws Exception {
    byte[] stylegan = Files.readAllBytes(AnyGeneratorTest.met("stylegan.onnx"));
    assertEquals(
        """
        {
          "latent": {"size":8,"distribution":"normal","input":"z"},
          "image": {"channels":3,"height":4,"width":4,"black":-1,"white":1,"output":"img"},
          "inputs": {"psi":1,"noise0":0}
        }
        """,
        DescriptionDraft.of(OnnxFile.read(ByteBuffer.wrap(stylegan))));
    Path file = new ForeignGraph().image(DataType.UINT8, true).write(folder.resolve("u.onnx"));
    assertEquals(
        """
        {
          "latent": {"size":8,"distribution":"normal","input":"z"},
          "image": {"channels":3,"height":4,"width":4,"output":"out"}
        }
        """,
        DescriptionDraft.of(OnnxFile.read(ByteBuffer.wrap(Files.readAllBytes(file)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]| it is not a JSON object",
        "{| it is not JSON",
        "{}| latent is missing",
        "{'latent':{'size':8,'distribution':'normal'}}| image is missing",
        "{'latent':{'size':'how many'},'image':{}}| latent.size is \"how many\", not an integer",
        "{'latent':{'sise':8},'image':{}}| latent.sise is not known; there are distribution",
        "{'noise':1}| noise is not known; there are image, inputs, label, labels, latent",
        "{'latent':{'size':8,'distribution':'cauchy'},'image':{}}| latent.distribution is \"cauchy\"",
      })
  void saysWhatIsWrongInADescription(String json, String why) throws Exception {
    Path file = new ForeignGraph().write(folder.resolve("m.onnx"));
    Files.writeString(folder.resolve("m.onnx.json"), json.replace('\'', '"'));
    SamplerException e = assertThrows(SamplerException.class, () -> Sampler.open(file));
    String start = file + ": " + file + ".json: " + why;
    assertEquals(
        start, e.getMessage().substring(0, Math.min(start.length(), e.getMessage().length())));
  }
}
