package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What opening says of a file that is not a generator. */
class BadModelTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "\u0000\u0000\u0000\u0000", "\b\b\u0012\u0005hello"})
  void refusesWhatIsNotOnnx(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("model.onnx"), content);
    String message = fails(file);
    assertTrue(message.startsWith(file + " is not an ONNX model"), message);
  }

  @Test
  void refusesATruncatedModel() throws IOException {
    Path file = TestModels.write(folder, TestModels.UNCONDITIONAL);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertTrue(fails(file).startsWith(file + " is not an ONNX model"));
  }

  @Test
  void refusesAModelWithoutContract() {
    Path file =
        TestModels.write(
            folder.resolve("plain.onnx"), TestModels.model(TestModels.UNCONDITIONAL), Map.of());
    assertEquals(
        file
            + ": no djinn.contract in the metadata: not exported by Djinn,"
            + " so the latent and the image shape must be given",
        fails(file));
  }

  @Test
  void refusesAContractWithAnotherLatentSize() {
    GeneratorContract wrong =
        TestModels.contract(GeneratorContract.Latent.normal(11), List.of(), 1);
    Path file = writeAs(TestModels.model(TestModels.UNCONDITIONAL), wrong);
    assertEquals(file + ": 'latent' should be FLOAT [-1, 11], but is FLOAT [-1, 10]", fails(file));
  }

  @Test
  void refusesAContractWithAnotherImageShape() {
    GeneratorContract wrong = TestModels.contract(TestModels.UNCONDITIONAL.latent(), List.of(), 3);
    Path file = writeAs(TestModels.model(TestModels.UNCONDITIONAL), wrong);
    assertEquals(
        file + ": 'image' should be FLOAT [-1, 3, 4, 4], but is FLOAT [-1, 1, 4, 4]", fails(file));
  }

  @Test
  void refusesLabelsWithoutALabelInput() {
    Path file = writeAs(TestModels.model(TestModels.UNCONDITIONAL), TestModels.CONDITIONAL);
    assertEquals(file + ": inputs are [latent], but its contract has 2", fails(file));
  }

  @Test
  void refusesALabelInputWithoutLabels() {
    Path file = writeAs(TestModels.model(TestModels.CONDITIONAL), TestModels.UNCONDITIONAL);
    assertEquals(file + ": inputs are [latent, label], but its contract has 1", fails(file));
  }

  @Test
  void refusesAModelWithoutPixels() {
    ModelProto.Builder model = TestModels.model(TestModels.UNCONDITIONAL);
    model.getGraphBuilder().removeOutput(1);
    Path file = writeAs(model, TestModels.UNCONDITIONAL);
    assertEquals(file + ": no 'pixels' among [image]", fails(file));
  }

  @Test
  void runsAModelOfOneFixedBatchRowByRow() {
    ModelProto.Builder model = TestModels.model(TestModels.UNCONDITIONAL);
    model
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(1);
    Path any = TestModels.write(folder.resolve("any"), TestModels.UNCONDITIONAL);
    Path one = writeAs(model, TestModels.UNCONDITIONAL);
    try (Sampler usual = Sampler.open(any);
        Sampler single = Sampler.open(one)) {
      assertEquals(1, single.batchRows());
      SampleRequest request = SampleRequest.of(5).withOutputs(Output.PIXELS);
      assertEquals(usual.sample(request), single.sample(request));
    }
  }

  @Test
  void findsOutAtOnceThatAModelMakesAnotherShapeThanItSays() {
    GeneratorContract wrong = TestModels.contract(TestModels.UNCONDITIONAL.latent(), List.of(), 3);
    Path file = writeAs(shapeless(), wrong);
    String message = fails(file);
    assertTrue(message.startsWith(file + ": the model failed on 1 rows: "), message);
  }

  @Test
  void refusesAnImageThatMemoryDoesNotHold() {
    GeneratorContract huge =
        new GeneratorContract(
            TestModels.UNCONDITIONAL.latent(),
            List.of(),
            new GeneratorContract.Image(1, 1 << 14, 1 << 14),
            Map.of(),
            Map.of(),
            Map.of());
    Path file = writeAs(shapeless(), huge);
    byte[] ballast = new byte[1 << 30]; // The heap of tests holds two of these.
    try {
      String message = fails(file);
      assertTrue(message.startsWith(file + ": "), message);
    } finally {
      Reference.reachabilityFence(ballast);
    }
  }

  /** A model whose shapes are not known before it has run. */
  private static ModelProto.Builder shapeless() {
    ModelProto.Builder model = TestModels.computedShape();
    model.getGraphBuilder().clearOutput();
    model.getGraphBuilder().addOutput(unknown("image", DataType.FLOAT));
    model.getGraphBuilder().addOutput(unknown("pixels", DataType.UINT8));
    return model;
  }

  @Test
  void refusesAMissingFile() {
    SamplerException e =
        assertThrows(SamplerException.class, () -> Sampler.open(folder.resolve("none.onnx")));
    assertEquals(Reason.NOT_FOUND, e.reason());
  }

  private static ai.onnx.proto.OnnxMl.ValueInfoProto unknown(String name, DataType type) {
    ai.onnx.proto.OnnxMl.ValueInfoProto.Builder value =
        TestModels.value(name, type, 1, 1, 1).toBuilder();
    for (int i = 1; i <= 3; i++) {
      value
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .getShapeBuilder()
          .getDimBuilder(i)
          .setDimParam("any" + i);
    }
    return value.build();
  }

  private Path writeAs(ModelProto.Builder model, GeneratorContract contract) {
    return TestModels.write(folder.resolve("model.onnx"), model, contract.toMetadata());
  }

  private static String fails(Path file) {
    SamplerException e = assertThrows(SamplerException.class, () -> Sampler.open(file));
    assertEquals(Reason.INVALID_MODEL, e.reason());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    return e.getMessage();
  }
}
