/** Messages and stubs of the Open Inference Protocol over gRPC. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // gRPC's jars
module dev.djinn.oip.grpc {
  requires com.google.common;
  requires transitive com.google.protobuf;
  requires transitive io.grpc;
  requires io.grpc.protobuf;
  requires transitive io.grpc.stub;

  exports dev.djinn.oip.grpc;
}
