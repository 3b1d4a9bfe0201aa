package dev.djinn.oip.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages are the bytes that the protocol's field numbers make, worked out by hand. */
class WireTest {

  @Test
  void aRequestIsWrittenByTheProtocolsFieldNumbers() {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("m")
            .setModelVersion("1")
            .setId("7")
            .putParameters("seed", InferParameter.newBuilder().setInt64Param(5).build())
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder()
                    .setName("z")
                    .setDatatype("FP32")
                    .addShape(1)
                    .addShape(2)
                    .setContents(InferTensorContents.newBuilder().addFp32Contents(1).build()))
            .addOutputs(ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("image"))
            .addRawInputContents(ByteString.copyFrom(new byte[] {9}))
            .build();

    String expected =
        String.join(
            "",
            "0a016d", // 1: model_name
            "120131", // 2: model_version
            "1a0137", // 3: id
            "220a" + "0a0473656564" + "12021005", // 4: parameters, a map's entry: key, int64_param
            "2a15" + "0a017a" + "120446503332" + "1a020102" + "2a06" + "3204" + "0000803f", // 5
            "3207" + "0a05696d616765", // 6: outputs
            "3a0109"); // 7: raw_input_contents
    assertEquals(expected, HexFormat.of().formatHex(request.toByteArray()));
  }

  @Test
  void anAnswerIsReadByTheProtocolsFieldNumbers() throws InvalidProtocolBufferException {
    byte[] bytes =
        HexFormat.of()
            .parseHex(
                String.join(
                    "",
                    "0a036f6f6d", // 1: error_message
                    "1217", // 2: infer_response
                    "0a016d" + "120131" + "1a0137",
                    "2a07" + "0a0161" + "1a020301", // 5: outputs: name, shape
                    "3203" + "010203")); // 6: raw_output_contents

    ModelStreamInferResponse answer = ModelStreamInferResponse.parseFrom(bytes);

    assertEquals("oom", answer.getErrorMessage());
    ModelInferResponse response = answer.getInferResponse();
    assertEquals("m 1 7", String.join(" ", response.getModelName(), "1", response.getId()));
    assertEquals("a", response.getOutputs(0).getName());
    assertEquals(List.of(3L, 1L), response.getOutputs(0).getShapeList());
    assertEquals(
        ByteString.copyFrom(new byte[] {1, 2, 3}), response.getRawOutputContentsList().get(0));
  }

  @Test
  void statisticsAndConfigurationHaveTritonsNumbers() {
    ModelConfig config =
        ModelConfig.newBuilder()
            .setName("m")
            .setMaxBatchSize(8)
            .addInput(
                ModelConfig.Input.newBuilder()
                    .setName("z")
                    .setDataType(DataType.TYPE_FP32)
                    .addDims(2))
            .setBackend("b")
            .build();
    assertEquals(
        "0a016d" + "2008" + "2a08" + "0a017a" + "100b" + "220102" + "8a010162",
        HexFormat.of().formatHex(config.toByteArray()));

    StatisticDuration time = StatisticDuration.newBuilder().setCount(1).setNs(2).build();
    ModelStatistics statistics =
        ModelStatistics.newBuilder()
            .setInferenceCount(3)
            .setExecutionCount(4)
            .setInferenceStats(InferStatistics.newBuilder().setComputeInfer(time))
            .build();
    assertEquals(
        "2003" + "2804" + "3206" + "2a04" + "08011002",
        HexFormat.of().formatHex(statistics.toByteArray()));
  }
}
