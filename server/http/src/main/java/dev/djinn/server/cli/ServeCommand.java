package dev.djinn.server.cli;

import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.server.Access;
import dev.djinn.server.ModelControl;
import dev.djinn.server.SamplerServer;
import dev.djinn.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code djinn serve}. */
@Command(
    name = "serve",
    customSynopsis = "djinn serve [REPOSITORY|MODEL] [OPTION]...",
    description = "Serve models over HTTP and gRPC: the Open Inference Protocol v2, and pictures.",
    footer = {
      "Examples:",
      "  djinn serve models",
      "  djinn serve models/dcgan-mnist --port 9000",
      "  curl -o grid.png 'http://127.0.0.1:8000/v2/models/dcgan-mnist/samples?count=64&seed=42'",
      "",
      "SIGTERM and Ctrl-C stop it: it answers what it has been asked, then exits with 0."
    })
public final class ServeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "REPOSITORY|MODEL",
      arity = "0..1",
      description =
          "A folder of models, an .onnx file, a folder that holds one, or a model's name. Default:"
              + " DJINN_MODELS, else the folder models here, else the models that came with Djinn.")
  private String models;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What to call a single model. Default: as its file or folder is called.")
  private String name;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "Address to listen on. Default: ${DEFAULT-VALUE}, this machine only.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "8000",
      description = "Port to listen on, 0 for a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--grpc-port",
      paramLabel = "P",
      description =
          "Port for gRPC as well, at the same address, usually 8001; 0 for a free one. Default:"
              + " none.")
  private Integer grpcPort;

  @Option(
      names = "--unix-socket",
      paramLabel = "PATH",
      description = "Unix domain socket to listen on instead of a port.")
  private Path unixSocket;

  @Mixin private ModelOptions model;

  @Option(
      names = "--model-control",
      paramLabel = "WHO",
      defaultValue = "watch",
      description =
          "Who decides what is loaded: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}, the folder.")
  private ModelControl modelControl;

  @Option(
      names = "--tls-certificate",
      paramLabel = "PEM",
      description = "Speak TLS with this certificate chain; needs --tls-key.")
  private Path tlsCertificate;

  @Option(names = "--tls-key", paramLabel = "PEM", description = "The private key in PKCS#8.")
  private Path tlsKey;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Answer only those who send 'Authorization: Bearer' and this file's first line; health"
              + " is open to all.")
  private Path tokenFile;

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      description = "Let pages of this origin, or * for any, read answers. Default: none.")
  private String corsOrigin;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description =
          "A further name that the Host of a request may have, or * for any; once for each."
              + " Default: on a loopback address without a token those of the loopback, else any.")
  private List<String> allowedHosts = List.of();

  @Option(names = "--access-log", description = "Log a line a request to standard error.")
  private boolean accessLog;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerOptions options = options();
    CompletableFuture<SamplerServer> started = new CompletableFuture<>();
    // Before the start, which answers on the socket already: a JVM that a signal ends while ONNX
    // Runtime loads a model crashes. The server is closed when it is up.
    Termination.onSignal(() -> started.thenAccept(SamplerServer::close).join());
    SamplerServer server = start(options);
    server
        .placements()
        .forEach(placement -> spec.commandLine().getErr().println("running on " + placement));
    spec.commandLine()
        .getErr()
        .println("serving " + String.join(", ", server.modelNames()) + " at " + server.address());
    if (server.grpcPort() >= 0) {
      spec.commandLine().getErr().println("gRPC on port " + server.grpcPort());
    }
    spec.commandLine().getErr().flush();
    started.complete(server);
    server.awaitClose();
    return 0;
  }

  private SamplerServer start(ServerOptions options) throws IOException {
    Path place = models == null ? ModelFiles.modelsFolder() : Path.of(models);
    if (name == null) {
      return SamplerServer.start(place, options);
    }
    try {
      return SamplerServer.start(place, name, options);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Access access() throws IOException {
    Access access =
        new Access(
            Optional.ofNullable(tlsCertificate),
            Optional.ofNullable(tlsKey),
            Optional.empty(),
            Optional.ofNullable(corsOrigin),
            new HashSet<>(allowedHosts));
    return tokenFile == null ? access : access.withTokenFile(tokenFile);
  }

  private ServerOptions options() throws IOException {
    if (accessLog) {
      // The logger of commands keeps quiet below warnings, and reads this when it is first used.
      System.setProperty("org.slf4j.simpleLogger.log.dev.djinn.server.access", "info");
    }
    SamplerOptions sampler = model.toSamplerOptions();
    try {
      ServerOptions options =
          ServerOptions.defaults()
              .withHost(host)
              .withPort(port)
              .withAccess(access())
              .withAccessLog(accessLog)
              .withModelControl(modelControl)
              .withSampler(sampler)
              .withWorkers(sampler.workers());
      if (unixSocket != null) {
        options = options.withUnixSocket(unixSocket);
      }
      return grpcPort == null ? options : options.withGrpcPort(grpcPort);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
