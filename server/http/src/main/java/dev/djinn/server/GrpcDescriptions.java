package dev.djinn.server;

import dev.djinn.oip.grpc.InferBatchStatistics;
import dev.djinn.oip.grpc.InferStatistics;
import dev.djinn.oip.grpc.ModelConfig;
import dev.djinn.oip.grpc.ModelMetadataResponse;
import dev.djinn.oip.grpc.ModelMetadataResponse.TensorMetadata;
import dev.djinn.oip.grpc.ModelStatistics;
import dev.djinn.oip.grpc.RepositoryIndexResponse;
import dev.djinn.oip.grpc.RepositoryIndexResponse.ModelIndex;
import dev.djinn.oip.grpc.StatisticDuration;
import dev.djinn.sampler.SamplerStatistics;
import java.util.List;

/** What the server says of its models, as the messages of gRPC; {@link Descriptions} over HTTP. */
final class GrpcDescriptions {

  private GrpcDescriptions() {}

  static ModelMetadataResponse metadata(ServedModel model, List<String> versions) {
    ModelMetadataResponse.Builder metadata =
        ModelMetadataResponse.newBuilder()
            .setName(model.name())
            .addAllVersions(versions)
            .setPlatform("onnx_onnxv1")
            .putProperties("provider", model.sampler().provider())
            .putProperties("sha256", model.hash())
            .putAllProperties(model.signature().contract().toMetadata());
    model.signature().inputs().forEach(spec -> metadata.addInputs(tensor(spec)));
    model.signature().outputs().forEach(spec -> metadata.addOutputs(tensor(spec)));
    return metadata.build();
  }

  private static TensorMetadata tensor(TensorSpec spec) {
    return TensorMetadata.newBuilder()
        .setName(spec.name())
        .setDatatype(spec.type().name())
        .addAllShape(spec.shape())
        .build();
  }

  /**
   * A model's configuration, as {@link Descriptions#config} gives it.
   *
   * @param mostRows the most rows that a request may have
   */
  static ModelConfig config(ServedModel model, int mostRows) {
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(model.name())
            .setPlatform("onnxruntime_onnx")
            .setBackend("onnxruntime")
            .setMaxBatchSize(mostRows)
            .setDynamicBatching(ModelConfig.DynamicBatching.getDefaultInstance());
    for (TensorSpec spec : model.signature().inputs()) {
      ModelConfig.Input.Builder input =
          config.addInputBuilder().setName(spec.name()).setDataType(type(spec));
      if (spec.shape().size() == 1) {
        input.addDims(1).setReshape(ModelConfig.Reshape.getDefaultInstance());
      } else {
        input.addAllDims(spec.shape().subList(1, spec.shape().size()));
      }
    }
    for (TensorSpec spec : model.signature().outputs()) {
      config
          .addOutputBuilder()
          .setName(spec.name())
          .setDataType(type(spec))
          .addAllDims(spec.shape().subList(1, spec.shape().size()));
    }
    return config.build();
  }

  private static dev.djinn.oip.grpc.DataType type(TensorSpec spec) {
    return dev.djinn.oip.grpc.DataType.valueOf("TYPE_" + spec.type().name());
  }

  /**
   * Every version of every model.
   *
   * @param unloaded names of models in the folder that are not loaded
   * @param readyOnly whether to leave out those that cannot be used
   */
  static RepositoryIndexResponse index(
      List<ServedModel> models, List<String> unloaded, boolean readyOnly) {
    RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
    for (ServedModel model : models) {
      if (model.ready() || !readyOnly) {
        index.addModels(
            ModelIndex.newBuilder()
                .setName(model.name())
                .setVersion(model.version())
                .setState(model.ready() ? "READY" : "UNAVAILABLE")
                .setReason(model.reason()));
      }
    }
    for (String name : readyOnly ? List.<String>of() : unloaded) {
      index.addModels(
          ModelIndex.newBuilder().setName(name).setState("UNAVAILABLE").setReason("unloaded"));
    }
    return index.build();
  }

  static ModelStatistics statistics(ServedModel model) {
    Statistics socket = model.statistics();
    SamplerStatistics runs = model.sampler().statistics();
    ModelStatistics.Builder statistics =
        ModelStatistics.newBuilder()
            .setName(model.name())
            .setVersion(model.version())
            .setLastInference(socket.last.get())
            .setInferenceCount(runs.rows())
            .setExecutionCount(runs.runs().count())
            .setInferenceStats(
                InferStatistics.newBuilder()
                    .setSuccess(duration(socket.success.count(), socket.success.nanos()))
                    .setFail(duration(socket.fail.count(), socket.fail.nanos()))
                    .setQueue(duration(runs.waits().count(), runs.waits().nanos()))
                    .setComputeInput(duration(socket.input.count(), socket.input.nanos()))
                    .setComputeInfer(duration(runs.runs().count(), runs.runs().nanos()))
                    .setComputeOutput(duration(socket.output.count(), socket.output.nanos()))
                    // There is no cache of answers.
                    .setCacheHit(duration(0, 0))
                    .setCacheMiss(duration(0, 0)));
    runs.batchSizes()
        .forEach(
            (size, times) ->
                statistics.addBatchStats(
                    InferBatchStatistics.newBuilder()
                        .setBatchSize(size)
                        .setComputeInput(duration(times.count(), times.input()))
                        .setComputeInfer(duration(times.count(), times.run()))
                        .setComputeOutput(duration(times.count(), times.output()))));
    return statistics.build();
  }

  private static StatisticDuration duration(long count, long nanos) {
    return StatisticDuration.newBuilder().setCount(count).setNs(nanos).build();
  }
}
