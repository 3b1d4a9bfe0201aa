package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPartsTest {
  @TempDir Path folder;
  private Path file;
  private Path weights;

  @BeforeEach
  void copy() throws Exception {
    file = folder.resolve("ext2.onnx");
    weights = folder.resolve("ext2.onnx_data");
    Files.copy(AnyGeneratorTest.met("ext2.onnx"), file);
    Files.copy(AnyGeneratorTest.met("ext2.onnx_data"), weights);
  }

  @Test
  void weightsOutsideArePartOfTheHash() throws Exception {
    assertEquals(List.of(file, weights), ModelParts.of(file).files());
    String lines =
        sha256(Files.readAllBytes(file))
            + "  ext2.onnx\n"
            + sha256(Files.readAllBytes(weights))
            + "  ext2.onnx_data\n";
    String before = ModelParts.of(file).hash();
    assertEquals(sha256(lines.getBytes(StandardCharsets.UTF_8)), before);
    change();
    assertNotEquals(before, ModelParts.of(file).hash());
  }

  @Test
  void aModelOfOneFileHasTheHashOfItsFile() throws Exception {
    Path one = TestModels.write(folder.resolve("one"), TestModels.UNCONDITIONAL);
    assertEquals(sha256(Files.readAllBytes(one)), ModelParts.of(one).hash());
  }

  @Test
  void theStampChangesWithEveryFile() throws Exception {
    ModelParts parts = ModelParts.of(file);
    String before = parts.stamp();
    Files.setLastModifiedTime(weights, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
    String after = parts.stamp();
    assertNotEquals(before, after);
    Files.writeString(ModelFiles.sumFile(file), "sum");
    assertNotEquals(after, parts.stamp());
    String summed = parts.stamp();
    Files.writeString(ModelDescription.file(file), "{}");
    assertNotEquals(summed, parts.stamp());
  }

  @Test
  void theSumFileHoldsForEveryFile() throws Exception {
    ModelParts parts = ModelParts.of(file);
    parts.checkSums(); // There is none.
    Path sums = ModelFiles.sumFile(file);
    String own = sha256(Files.readAllBytes(file)) + "  ext2.onnx\n";
    Files.writeString(sums, own);
    assertEquals(
        sums + " does not list ext2.onnx_data, which is part of the model",
        assertThrows(SamplerException.class, parts::checkSums).getMessage());
    Files.writeString(sums, own + sha256(Files.readAllBytes(weights)) + "  ext2.onnx_data\n");
    parts.checkSums();
    change();
    assertEquals(
        weights
            + " is not the file that "
            + sums
            + " describes: its SHA-256 is "
            + sha256(Files.readAllBytes(weights)),
        assertThrows(SamplerException.class, parts::checkSums).getMessage());
  }

  @Test
  void findsWeightsOfConstantsInGraphsInsideOfNodes() throws Exception {
    TensorProto tensor =
        TensorProto.newBuilder()
            .setName("inner")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("inner.bin"))
            .build();
    ModelProto.Builder model = TestModels.foreign();
    var node = model.getGraphBuilder().addNodeBuilder().setOpType("If");
    node.addAttributeBuilder()
        .setName("then_branch")
        .getGBuilder()
        .addNodeBuilder()
        .setOpType("Constant")
        .addAttributeBuilder()
        .setT(tensor);
    Path nested = TestModels.write(folder.resolve("nested.onnx"), model, Map.of());
    assertEquals(List.of(folder.resolve("inner.bin")), ModelParts.of(nested).external());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "a/../../secret", "."})
  void refusesWeightsOutsideOfTheFolder(String name) throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder().mergeFrom(Files.readAllBytes(file));
    model
        .getGraphBuilder()
        .getInitializerBuilderList()
        .forEach(
            tensor ->
                tensor
                    .getExternalDataBuilderList()
                    .forEach(
                        entry -> {
                          if (entry.getKey().equals("location")) {
                            entry.setValue(name);
                          }
                        }));
    Files.write(file, model.build().toByteArray());
    assertEquals(
        file + " names weights in '" + name + "', which is not a file of its own folder",
        assertThrows(SamplerException.class, () -> ModelParts.of(file)).getMessage());
  }

  private void change() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    bytes[100] ^= 1;
    Files.write(weights, bytes);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
