package dev.djinn.server;

import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The port for gRPC: the protocol's service, standard health and reflection, on the event loops of
 * the server. Its health is looked at twice a second.
 */
final class GrpcSocket {

  private static final int HEALTH_MILLIS = 500;

  private final Server server;
  private final GrpcService service;
  private final GrpcCalls calls;
  private final HealthStatusManager health = new HealthStatusManager();
  private final BooleanSupplier ready;
  private final Future<?> looking;
  private final int port;

  /**
   * Begins to listen.
   *
   * @throws IOException if the address cannot be listened on
   */
  GrpcSocket(
      ServerOptions options,
      GrpcService service,
      GrpcCalls calls,
      EventLoopGroup loops,
      BooleanSupplier ready)
      throws IOException {
    Limits limits = options.limits();
    this.service = service;
    this.calls = calls;
    this.ready = ready;
    look();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(options.host(), options.grpcPort().orElseThrow()))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            // What is called only reads, checks and hands over; the rest is done elsewhere.
            .directExecutor()
            .maxInboundMessageSize(limits.bodyBytes())
            .maxInboundMetadataSize(limits.headerBytes())
            .maxConcurrentCallsPerConnection(limits.queue())
            .maxConnectionIdle(limits.idleTime().toMillis(), TimeUnit.MILLISECONDS)
            .handshakeTimeout(limits.requestTime().toMillis(), TimeUnit.MILLISECONDS)
            .addTransportFilter(calls)
            .intercept(calls)
            .addService(service)
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    options.access().grpcTls().ifPresent(builder::sslContext);
    this.server = start(builder, options);
    this.port = server.getPort();
    this.looking =
        loops.scheduleWithFixedDelay(
            this::look, HEALTH_MILLIS, HEALTH_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static Server start(NettyServerBuilder builder, ServerOptions options)
      throws IOException {
    try {
      return builder.build().start();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "cannot listen on "
              + options.host()
              + ":"
              + options.grpcPort().orElseThrow()
              + " for gRPC: "
              + cause.getMessage(),
          e);
    }
  }

  int port() {
    return port;
  }

  /** Tells those who watch whether the server is ready. */
  private void look() {
    ServingStatus status = ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(GRPCInferenceServiceGrpc.SERVICE_NAME, status);
  }

  /** Takes no further calls; those under way go on. */
  void drain() {
    looking.cancel(false);
    health.enterTerminalState();
    server.shutdown();
    calls.drain();
    service.drain();
  }

  /** Waits for the calls under way, but no longer than this; then they are cut off. */
  void close(long millis) {
    try {
      if (!server.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
        server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
