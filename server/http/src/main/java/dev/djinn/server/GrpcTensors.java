package dev.djinn.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.djinn.oip.grpc.InferParameter;
import dev.djinn.oip.grpc.InferTensorContents;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferRequest.InferInputTensor;
import dev.djinn.oip.grpc.ModelInferResponse;
import dev.djinn.sampler.ModelTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Inference requests and answers as the messages of gRPC. A request is brought into the form that
 * one over HTTP has, a message with its binary tensors behind it, so that one reader checks both.
 */
final class GrpcTensors {

  private GrpcTensors() {}

  /**
   * Reads a request as far as its shapes.
   *
   * @throws RequestException if it does not make sense, whatever the model
   */
  static InferMessage message(ModelInferRequest request) throws RequestException {
    boolean raw = request.getRawInputContentsCount() > 0;
    if (raw && request.getRawInputContentsCount() != request.getInputsCount()) {
      throw RequestException.bad(
          "there are "
              + request.getRawInputContentsCount()
              + " raw_input_contents and "
              + request.getInputsCount()
              + " inputs; give one for each");
    }
    InferMessage.checkCount(request.getInputsCount() - 1, "inputs");
    InferMessage.checkCount(request.getOutputsCount() - 1, "outputs");
    List<InferMessage.Input> inputs = new ArrayList<>();
    for (int i = 0; i < request.getInputsCount(); i++) {
      InferInputTensor input = request.getInputs(i);
      String where = "inputs[" + i + "]";
      DataType type = DataType.parse(input.getDatatype());
      InferMessage.checkShape(input.getShapeList(), where + ".shape");
      if (raw && input.hasContents()) {
        throw RequestException.bad(where + " has both contents and raw_input_contents");
      }
      if (!raw && !input.hasContents()) {
        throw RequestException.bad(where + " has neither contents nor raw_input_contents");
      }
      long size =
          raw
              ? request.getRawInputContents(i).size()
              : (long) count(input.getContents(), type, where) * type.size();
      inputs.add(new InferMessage.Input(input.getName(), type, input.getShapeList(), -1, -1, size));
    }
    List<InferMessage.Output> outputs = new ArrayList<>();
    request
        .getOutputsList()
        .forEach(output -> outputs.add(new InferMessage.Output(output.getName(), true)));
    String id = request.getId().isEmpty() ? null : request.getId();
    return new InferMessage(id, true, schedule(request.getParametersMap()), inputs, outputs);
  }

  private static SchedulePolicy schedule(Map<String, InferParameter> parameters)
      throws RequestException {
    try {
      return new SchedulePolicy(integer(parameters, "priority"), integer(parameters, "timeout"));
    } catch (IllegalArgumentException e) {
      throw RequestException.bad(e.getMessage());
    }
  }

  private static long integer(Map<String, InferParameter> parameters, String name)
      throws RequestException {
    InferParameter parameter = parameters.get(name);
    if (parameter == null) {
      return 0;
    }
    return switch (parameter.getParameterChoiceCase()) {
      case INT64_PARAM -> parameter.getInt64Param();
      case UINT64_PARAM -> parameter.getUint64Param(); // beyond 63 bits it is negative: refused
      default -> throw RequestException.bad("parameter '" + name + "' is not an integer");
    };
  }

  /** How many elements a tensor's contents have, all of which must be in the field of its type. */
  private static int count(InferTensorContents contents, DataType type, String where)
      throws RequestException {
    int count =
        switch (type) {
          case BOOL -> contents.getBoolContentsCount();
          case INT8, INT16, INT32 -> contents.getIntContentsCount();
          case INT64 -> contents.getInt64ContentsCount();
          case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
          case UINT64 -> contents.getUint64ContentsCount();
          case FP32 -> contents.getFp32ContentsCount();
          case FP64 -> contents.getFp64ContentsCount();
          case FP16, BF16 ->
              throw RequestException.bad(where + " is " + type + "; send it in raw_input_contents");
          case BYTES -> throw RequestException.bad(where + " is BYTES, which no model takes here");
        };
    int all =
        contents.getBoolContentsCount()
            + contents.getIntContentsCount()
            + contents.getInt64ContentsCount()
            + contents.getUintContentsCount()
            + contents.getUint64ContentsCount()
            + contents.getFp32ContentsCount()
            + contents.getFp64ContentsCount()
            + contents.getBytesContentsCount();
    if (all != count) {
      throw RequestException.bad(
          where + " is " + type + " and has contents of another type; give those of its own");
    }
    return count;
  }

  /** {@return the tensors' bytes, one after the other in the order of the inputs} */
  static byte[] body(ModelInferRequest request, InferMessage message) throws RequestException {
    long size = 0;
    for (InferMessage.Input input : message.inputs()) {
      size += input.binarySize();
    }
    ByteBuffer body = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    for (ByteString raw : request.getRawInputContentsList()) {
      raw.copyTo(body);
    }
    if (request.getRawInputContentsCount() == 0) {
      for (int i = 0; i < request.getInputsCount(); i++) {
        InferMessage.Input input = message.inputs().get(i);
        put(request.getInputs(i).getContents(), input.datatype(), "inputs[" + i + "]", body);
      }
    }
    return body.array();
  }

  private static void put(
      InferTensorContents contents, DataType type, String where, ByteBuffer body)
      throws RequestException {
    switch (type) {
      case BOOL -> contents.getBoolContentsList().forEach(b -> body.put((byte) (b ? 1 : 0)));
      case INT8 -> {
        for (int value : contents.getIntContentsList()) {
          body.put((byte) within(value, Byte.MIN_VALUE, Byte.MAX_VALUE, where));
        }
      }
      case INT16 -> {
        for (int value : contents.getIntContentsList()) {
          body.putShort((short) within(value, Short.MIN_VALUE, Short.MAX_VALUE, where));
        }
      }
      case UINT8 -> {
        for (int value : contents.getUintContentsList()) {
          body.put((byte) within(Integer.toUnsignedLong(value), 0, 255, where));
        }
      }
      case UINT16 -> {
        for (int value : contents.getUintContentsList()) {
          body.putShort((short) within(Integer.toUnsignedLong(value), 0, 65_535, where));
        }
      }
      case INT32 -> contents.getIntContentsList().forEach(body::putInt);
      case UINT32 -> contents.getUintContentsList().forEach(body::putInt);
      case INT64 -> contents.getInt64ContentsList().forEach(body::putLong);
      case UINT64 -> contents.getUint64ContentsList().forEach(body::putLong);
      case FP32 -> {
        for (int i = 0; i < contents.getFp32ContentsCount(); i++) {
          body.putFloat(contents.getFp32Contents(i));
        }
      }
      case FP64 -> {
        for (int i = 0; i < contents.getFp64ContentsCount(); i++) {
          body.putDouble(contents.getFp64Contents(i));
        }
      }
      case FP16, BF16, BYTES -> throw new IllegalArgumentException(type + " has no contents");
    }
  }

  private static long within(long value, long least, long most, String where)
      throws RequestException {
    if (value < least || value > most) {
      throw RequestException.bad(
          where + " holds " + value + ", which is not between " + least + " and " + most);
    }
    return value;
  }

  /** Makes the answer of a generator's outputs, once they are filled; nothing is copied. */
  static ModelInferResponse response(ServedModel model, InferRequest request, InferReply reply)
      throws RequestException {
    ModelInferResponse.Builder response = begin(model, request.id());
    List<byte[]> blobs = reply.blobs();
    for (int i = 0; i < blobs.size(); i++) {
      TensorSpec spec = request.outputs().get(i).spec();
      response.addOutputs(
          ModelInferResponse.InferOutputTensor.newBuilder()
              .setName(spec.name())
              .setDatatype(spec.type().name())
              .addShape(request.rows())
              .addAllShape(spec.shape().subList(1, spec.shape().size())));
      response.addRawOutputContents(UnsafeByteOperations.unsafeWrap(blobs.get(i)));
    }
    return response.build();
  }

  /** Makes the answer of a model's own outputs. */
  static ModelInferResponse response(ServedModel model, String id, List<ModelTensor> made) {
    ModelInferResponse.Builder response = begin(model, id);
    for (ModelTensor tensor : made) {
      response.addOutputs(
          ModelInferResponse.InferOutputTensor.newBuilder()
              .setName(tensor.name())
              .setDatatype(OwnInference.type(tensor).name())
              .addAllShape(tensor.shape()));
      response.addRawOutputContents(ByteString.copyFrom(tensor.data().duplicate()));
    }
    return response.build();
  }

  private static ModelInferResponse.Builder begin(ServedModel model, String id) {
    return ModelInferResponse.newBuilder()
        .setModelName(model.name())
        .setModelVersion(model.version())
        .setId(id == null ? "" : id);
  }
}
