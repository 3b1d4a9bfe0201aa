/** Serves ONNX generators over a socket, and samples them from the command line. */
@SuppressWarnings(
    "requires-automatic") // the jars of the Prometheus client and of gRPC only have names
module dev.djinn.server {
  requires com.fasterxml.jackson.core;
  requires com.google.protobuf;
  requires dev.djinn.oip.grpc;
  requires transitive dev.djinn.sampler;
  requires info.picocli;
  requires io.grpc;
  requires io.grpc.netty;
  requires io.grpc.services;
  requires io.grpc.stub;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2; // which gRPC uses, and cannot say so
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires jdk.unsupported;
  requires org.slf4j;

  exports dev.djinn.server;

  // Its commands' options are private fields.
  opens dev.djinn.server.cli to
      info.picocli;
}
