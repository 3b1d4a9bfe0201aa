package dev.djinn.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repository of generators on a socket. {@link #start} returns when the models are loaded; {@link
 * #close} stops accepting, lets requests finish and frees everything. Thread-safe.
 */
public final class SamplerServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SamplerServer.class);
  private static final int WATCH_SECONDS = 2;

  /** For those to whom nothing but that is left to say. */
  private static final int FAREWELL_MILLIS = 500;

  private final ServerOptions options;
  private final ModelRepository models;
  private final Workers workers;
  private final RequestPath path;
  private final EventLoopGroup loops;
  private final ChannelGroup connections =
      new DefaultChannelGroup("connections", GlobalEventExecutor.INSTANCE);
  private final Budget budget;
  private final Optional<SocketFile> socketFile;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LongAdder refusedConnections = new LongAdder();

  /** The one thread that loads and drops models, by the folder's changes or on request. */
  private final ScheduledExecutorService changes =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("djinn-models", true));

  private Future<?> watching = CompletableFuture.completedFuture(null);
  private final Metrics metrics;
  private ServerSocketChannel acceptor;
  private GrpcSocket grpc;
  private Channel listener;

  private SamplerServer(ServerOptions options) {
    this.options = options;
    this.socketFile = options.unixSocket().map(SocketFile::new);
    this.models = new ModelRepository(options.sampler());
    this.workers = new Workers(options.workers(), options.limits().queue());
    this.budget = new Budget(options.limits().heldBytes());
    this.metrics = new Metrics(models);
    metrics.gauge("djinn_connections", "Open connections.", connections::size);
    metrics.gauge("djinn_held_bytes", "Bytes held for bodies and answers.", budget::held);
    metrics.gauge("djinn_waiting_requests", "Requests that wait to be read.", workers::waiting);
    metrics.refusals(
        Map.of(
            "memory", budget::refused,
            "requests", workers::refused,
            "connections", refusedConnections::sum));
    this.path = new RequestPath(options, models, workers, changes, metrics);
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("djinn-socket", true), NioIoHandler.newFactory());
  }

  /**
   * Starts a server. It answers that it lives before the models are loaded, and is ready once this
   * returns.
   *
   * @param models a folder of {@code <name>/<version>/model.onnx}, an {@code .onnx} file, a folder
   *     that holds one, or a name in the models folder
   * @param options how to run it
   * @return the running server, to be closed by the caller
   * @throws IOException if the address cannot be listened on
   * @throws dev.djinn.sampler.SamplerException if there is no model, or none of them can be loaded
   */
  public static SamplerServer start(Path models, ServerOptions options) throws IOException {
    return start(options, repository -> repository.open(models));
  }

  /**
   * Starts a server of one model under a name of its own, as {@link #start(Path, ServerOptions)}
   * does.
   *
   * @param model an {@code .onnx} file, a folder that holds one, or a name in the models folder
   * @param name what clients call it: letters, digits, {@code -}, {@code _} and {@code .}
   * @param options how to run it
   * @return the running server, to be closed by the caller
   * @throws IllegalArgumentException if the name is none, or the folder is one of several models
   * @throws IOException if the address cannot be listened on
   * @throws dev.djinn.sampler.SamplerException if there is no model, or it cannot be loaded
   */
  public static SamplerServer start(Path model, String name, ServerOptions options)
      throws IOException {
    ModelRepository.checkName(name);
    return start(options, repository -> repository.open(model, name));
  }

  private static SamplerServer start(ServerOptions options, Consumer<ModelRepository> models)
      throws IOException {
    SamplerServer server = new SamplerServer(options);
    try {
      server.bind();
      server.bindGrpc();
      models.accept(server.models);
      server.watch();
      return server;
    } catch (IOException | RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private void bind() throws IOException {
    boolean unix = unix();
    SocketAddress address =
        unix ? socketFile.get().prepare() : new InetSocketAddress(options.host(), options.port());
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IOException("unknown host '" + options.host() + "'");
    }
    acceptor =
        unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(
                () ->
                    unix
                        ? new NioServerDomainSocketChannel(acceptor)
                        : new NioServerSocketChannel(acceptor))
            .option(ChannelOption.SO_BACKLOG, 1024)
            // A connection is read only when its owner is ready for more.
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(new Framing(options.access().tls()));
    if (!unix) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          // Who sends no more may still wait for an answer.
          .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
          .childOption(ChannelOption.TCP_NODELAY, true);
    }
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      String where =
          unix ? options.unixSocket().get().toString() : options.host() + ":" + options.port();
      throw new IOException(
          "cannot listen on " + where + ": " + bound.cause().getMessage(), bound.cause());
    }
    listener = bound.channel();
    if (unix) {
      socketFile.get().place();
    }
  }

  private void bindGrpc() throws IOException {
    if (options.grpcPort().isEmpty()) {
      return;
    }
    GrpcCalls calls = new GrpcCalls(options, metrics, new AccessLog(options.accessLog()), loops);
    metrics.gauge("djinn_grpc_connections", "Open connections of gRPC.", calls::connections);
    GrpcService service =
        new GrpcService(
            options,
            models,
            path.descriptions(),
            new GrpcInference(options, models, workers, budget),
            workers,
            path::change,
            path::ready);
    grpc = new GrpcSocket(options, service, calls, loops, path::ready);
  }

  /** Makes the handlers of a connection. */
  private final class Framing extends ChannelInitializer<Channel> {
    private final Optional<SslContext> tls;

    Framing(Optional<SslContext> tls) {
      this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
      connections.add(channel);
      Limits limits = options.limits();
      tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
      if (connections.size() > limits.connections()) {
        connections.remove(channel); // It takes nobody's place while it is told.
        refusedConnections.increment();
        channel.pipeline().addLast(new Refusal());
        return;
      }
      HttpDecoderConfig decoding =
          new HttpDecoderConfig()
              .setMaxInitialLineLength(limits.headerBytes())
              .setMaxHeaderSize(limits.headerBytes())
              .setMaxChunkSize(64 << 10);
      HttpRequestDecoder decoder = new HttpRequestDecoder(decoding);
      decoder.setSingleDecode(true);
      Connection connection = new Connection(path, limits, budget, decoder);
      channel
          .pipeline()
          .addLast(connection.arrivals(), decoder, new HttpResponseEncoder(), connection);
    }
  }

  private void watch() {
    if (options.modelControl() == ModelControl.WATCH) {
      watching =
          changes.scheduleWithFixedDelay(
              this::refresh, WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void refresh() {
    try {
      models.look();
    } catch (RuntimeException | Error e) { // What is thrown from here would end the watch.
      LOG.warn("the folder of models could not be looked through: {}", e.toString());
    }
  }

  /** {@return the TCP port that is listened on; -1 on a Unix domain socket} */
  public int port() {
    return listener.localAddress() instanceof InetSocketAddress inet ? inet.getPort() : -1;
  }

  /** {@return the TCP port that gRPC is spoken on; -1 on none} */
  public int grpcPort() {
    return grpc == null ? -1 : grpc.port();
  }

  /**
   * {@return where the server is, such as {@code http://127.0.0.1:8000} or {@code
   * unix:/run/djinn.sock}}
   */
  public String address() {
    if (unix()) {
      return "unix:" + options.unixSocket().get();
    }
    String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
    String scheme = options.access().certificate().isPresent() ? "https://" : "http://";
    return scheme + host + ":" + port();
  }

  /** {@return the names of the models that can be used} */
  public List<String> modelNames() {
    return models.names().stream().filter(name -> !models.readyVersions(name).isEmpty()).toList();
  }

  /**
   * Says where, why there and how the models run.
   *
   * @return a line, or several if they differ
   */
  public List<String> placements() {
    return models.all().stream()
        .filter(ServedModel::ready)
        .map(ServedModel::placement)
        .distinct()
        .toList();
  }

  /** Waits until the server has been closed. */
  public void awaitClose() throws InterruptedException {
    closed.await();
  }

  /**
   * Stops accepting connections, answers every request that has arrived or is arriving, within half
   * of the limit for a request's time, and frees threads and models; a model that is still at a
   * batch gets ten seconds for it. Closing again does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed.getCount() == 0) {
      return;
    }
    long patience = options.limits().requestTime().toMillis() / 2;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience);
    path.drain();
    watching.cancel(false);
    if (grpc != null) {
      grpc.drain();
    }
    if (listener != null) {
      // While it is open, no other file can have its number.
      socketFile.ifPresent(SocketFile::remove);
      listener.eventLoop().execute(this::stopAccepting);
      listener.closeFuture().awaitUninterruptibly();
      // A connection is known to us when its own loop has taken it.
      loops.forEach(loop -> loop.submit(() -> {}).awaitUninterruptibly());
    }
    connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(Connection.DRAIN));
    connections.newCloseFuture().awaitUninterruptibly(patience, TimeUnit.MILLISECONDS);
    connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(Connection.END));
    connections.newCloseFuture().awaitUninterruptibly(FAREWELL_MILLIS);
    connections.close().awaitUninterruptibly();
    if (grpc != null) {
      grpc.close(Math.max(FAREWELL_MILLIS, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    }
    changes.shutdownNow(); // What is being loaded is waited for below.
    workers.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    models.close();
    closed.countDown();
  }

  /**
   * Closes the listening socket, on its event loop. Who waits there to be accepted has a connection
   * as far as they know; the operating system would reset it.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the caller waits for it
  private void stopAccepting() {
    try {
      for (SocketChannel waiting = acceptor.accept();
          waiting != null;
          waiting = acceptor.accept()) {
        listener
            .pipeline()
            .fireChannelRead(
                unix()
                    ? new NioDomainSocketChannel(listener, waiting)
                    : new NioSocketChannel(listener, waiting));
      }
    } catch (IOException e) {
      LOG.warn("connections that wait to be accepted are cut off: {}", e.getMessage());
    }
    listener.close();
  }

  private boolean unix() {
    return socketFile.isPresent();
  }

  /** {@return bytes held for bodies and answers} */
  long heldBytes() {
    return budget.held();
  }

  /** {@return open connections} */
  int connections() {
    return connections.size();
  }
}
