package dev.djinn.server;

import dev.djinn.sampler.SamplerOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a server is run.
 *
 * @param host address to listen on
 * @param port TCP port, 0 to 65535; 0 takes a free one
 * @param grpcPort TCP port for gRPC at the same address, 0 to 65535; 0 takes a free one; empty for
 *     none
 * @param unixSocket path of a Unix domain socket to listen on instead of TCP
 * @param workers threads that read large requests and write large answers, at least 1
 * @param sampler how the models are run
 * @param limits what bounds the server
 * @param access who may talk to it, and how safely
 * @param modelControl who decides which models are loaded
 * @param accessLog whether to log a line a request, to the logger {@code dev.djinn.server.access}
 */
public record ServerOptions(
    String host,
    int port,
    OptionalInt grpcPort,
    Optional<Path> unixSocket,
    int workers,
    SamplerOptions sampler,
    Limits limits,
    Access access,
    ModelControl modelControl,
    boolean accessLog) {

  /** Checks the ranges. */
  public ServerOptions {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(grpcPort, "grpcPort");
    Objects.requireNonNull(unixSocket, "unixSocket");
    Objects.requireNonNull(sampler, "sampler");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(modelControl, "modelControl");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is " + port + "; give 0 to 65535");
    }
    if (grpcPort.isPresent() && (grpcPort.getAsInt() < 0 || grpcPort.getAsInt() > 65_535)) {
      throw new IllegalArgumentException(
          "the port for gRPC is " + grpcPort.getAsInt() + "; give 0 to 65535");
    }
    if (workers < 1) {
      throw new IllegalArgumentException("workers is " + workers + "; give at least 1");
    }
  }

  /**
   * Port 8000 of the loopback address, no gRPC, a worker per core, a watched folder, {@link
   * Limits#defaults}, no access log.
   */
  public static ServerOptions defaults() {
    return new ServerOptions(
        "127.0.0.1",
        8000,
        OptionalInt.empty(),
        Optional.empty(),
        Runtime.getRuntime().availableProcessors(),
        SamplerOptions.DEFAULT,
        Limits.defaults(),
        Access.OPEN,
        ModelControl.WATCH,
        false);
  }

  /** These options with another address. */
  public ServerOptions withHost(String address) {
    return new ServerOptions(
        address,
        port,
        grpcPort,
        unixSocket,
        workers,
        sampler,
        limits,
        access,
        modelControl,
        accessLog);
  }

  /** These options with another port; 0 takes a free one. */
  public ServerOptions withPort(int number) {
    return new ServerOptions(
        host,
        number,
        grpcPort,
        unixSocket,
        workers,
        sampler,
        limits,
        access,
        modelControl,
        accessLog);
  }

  /** These options with a port for gRPC; 0 takes a free one. */
  public ServerOptions withGrpcPort(int number) {
    return new ServerOptions(
        host,
        port,
        OptionalInt.of(number),
        unixSocket,
        workers,
        sampler,
        limits,
        access,
        modelControl,
        accessLog);
  }

  /** These options with a Unix domain socket in place of TCP. */
  public ServerOptions withUnixSocket(Path path) {
    return new ServerOptions(
        host,
        port,
        grpcPort,
        Optional.of(path),
        workers,
        sampler,
        limits,
        access,
        modelControl,
        accessLog);
  }

  /** These options with another number of workers. */
  public ServerOptions withWorkers(int count) {
    return new ServerOptions(
        host, port, grpcPort, unixSocket, count, sampler, limits, access, modelControl, accessLog);
  }

  /** These options with other settings of the samplers. */
  public ServerOptions withSampler(SamplerOptions options) {
    return new ServerOptions(
        host,
        port,
        grpcPort,
        unixSocket,
        workers,
        options,
        limits,
        access,
        modelControl,
        accessLog);
  }

  /** These options with other limits. */
  public ServerOptions withLimits(Limits bounds) {
    return new ServerOptions(
        host,
        port,
        grpcPort,
        unixSocket,
        workers,
        sampler,
        bounds,
        access,
        modelControl,
        accessLog);
  }

  /** These options for others, or more safely. */
  public ServerOptions withAccess(Access who) {
    return new ServerOptions(
        host, port, grpcPort, unixSocket, workers, sampler, limits, who, modelControl, accessLog);
  }

  /** These options with someone else deciding which models are loaded. */
  public ServerOptions withModelControl(ModelControl control) {
    return new ServerOptions(
        host, port, grpcPort, unixSocket, workers, sampler, limits, access, control, accessLog);
  }

  /** These options with or without an access log. */
  public ServerOptions withAccessLog(boolean on) {
    return new ServerOptions(
        host, port, grpcPort, unixSocket, workers, sampler, limits, access, modelControl, on);
  }
}
