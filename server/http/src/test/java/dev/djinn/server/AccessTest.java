package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {

  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path folder;

  @Test
  void answersOnlyThoseWhoKnowTheToken() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), TOKEN + "\nnot this\n");
    try (SamplerServer server = start(Access.OPEN.withTokenFile(file))) {
      Client client = new Client(server);
      HttpResponse<byte[]> without = client.get("/v2/models");
      assertEquals(401, without.statusCode());
      assertEquals("Bearer", without.headers().firstValue("WWW-Authenticate").orElse(""));
      for (String wrong :
          new String[] {"Bearer x", TOKEN, "Bearer " + TOKEN + "x", "Basic " + TOKEN}) {
        assertEquals(401, client.get("/metrics", "Authorization", wrong).statusCode(), wrong);
        assertEquals(
            401, client.post("/v2/models/plain/infer", "{}", "Authorization", wrong).statusCode());
      }
      for (String right : new String[] {"Bearer " + TOKEN, "bearer " + TOKEN, "BEARER  " + TOKEN}) {
        assertEquals(200, client.get("/v2/models", "Authorization", right).statusCode(), right);
      }
      assertEquals(200, client.get("/v2/health/live").statusCode());
      assertEquals(200, client.get("/v2/health/ready").statusCode());
    }
  }

  @Test
  void saysWhichTokenFileIsWrongAndWhy() throws IOException {
    Path file = folder.resolve("secret");
    String name = file.toString();
    assertEquals("cannot read the token file " + name + ": no such file or folder", problem(file));
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0, 'b', 0});
    assertEquals("the token file " + name + " is not UTF-8", problem(file));
    Files.writeString(file, "");
    assertEquals("the token file " + name + " has nothing on its first line", problem(file));
    Files.writeString(file, "\n" + TOKEN);
    assertEquals("the token file " + name + " has nothing on its first line", problem(file));
    Files.writeString(file, "short\n");
    assertEquals(
        "the token is not 16 to 1024 printable characters without spaces, in " + name,
        problem(file));
    String directory = problem(folder);
    assertEquals("cannot read the token file " + folder + ": Is a directory", directory);
    try (FileChannel sparse =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      sparse.write(ByteBuffer.wrap((TOKEN + "\r\n").getBytes(StandardCharsets.UTF_8)));
      sparse.write(ByteBuffer.allocate(1), 20L << 30); // Only its start is read.
    }
    assertEquals(TOKEN, Access.OPEN.withTokenFile(file).token().orElseThrow());
  }

  private static String problem(Path file) {
    return assertThrows(IOException.class, () -> Access.OPEN.withTokenFile(file)).getMessage();
  }

  @Test
  void keepsItsTokenToItself() {
    assertFalse(Access.OPEN.withToken(TOKEN).toString().contains(TOKEN));
    assertThrows(IllegalArgumentException.class, () -> Access.OPEN.withToken("short"));
    assertThrows(
        IllegalArgumentException.class, () -> Access.OPEN.withToken("a token with spaces"));
  }

  @Test
  void letsNoOtherOriginReadUnlessTold() throws IOException {
    try (SamplerServer server = start(Access.OPEN)) {
      HttpResponse<byte[]> response = new Client(server).get("/v2", "Accept", "*/*");
      assertTrue(response.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
      assertEquals(405, new Client(server).method("OPTIONS", "/v2").statusCode());
    }
    try (SamplerServer server = start(Access.OPEN.withCorsOrigin("https://example.org"));
        RawClient raw = new RawClient(server)) {
      HttpResponse<byte[]> response = new Client(server).get("/v2/models/plain/samples");
      assertEquals(
          "https://example.org",
          response.headers().firstValue("Access-Control-Allow-Origin").orElse(""));
      assertEquals(
          "Accept, Accept-Encoding, Origin", response.headers().firstValue("Vary").orElse(""));
      raw.lines("OPTIONS /v2/models/plain/infer HTTP/1.1\nHost: localhost\n");
      raw.lines("Origin: https://example.org\nAccess-Control-Request-Method: POST\n\n");
      RawClient.Answer answer = raw.answer();
      assertEquals(204, answer.status());
      assertEquals("GET, HEAD, POST", answer.headers().get("access-control-allow-methods"));
      String headers = answer.headers().get("access-control-allow-headers");
      assertTrue(List.of(headers.split(", ")).contains("Content-Encoding"), headers);
    }
    for (String none :
        new String[] {"example.org", "https://example.org/", "https://example.org/a", "https://"}) {
      assertThrows(IllegalArgumentException.class, () -> Access.OPEN.withCorsOrigin(none), none);
    }
    Access.OPEN.withCorsOrigin("https://example.org:8443");
  }

  @Test
  void speaksTls() throws Exception {
    KeyStore store = selfSigned();
    Path certificate = pem("CERTIFICATE", store.getCertificate("a").getEncoded());
    Path key = pem("PRIVATE KEY", store.getKey("a", "changeit".toCharArray()).getEncoded());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    HttpClient client = HttpClient.newBuilder().sslContext(context).build();
    try (SamplerServer server = start(Access.OPEN.withTls(certificate, key))) {
      assertTrue(server.address().startsWith("https://127.0.0.1:"));
      for (int count : new int[] {1, 4096}) {
        String path = "/v2/models/plain/samples?format=raw&count=" + count;
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + path)).build();
        HttpResponse<byte[]> response =
            client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode());
        assertEquals(16 * count, response.body().length);
      }
      try (RawClient plain = new RawClient(server)) {
        plain.lines("GET /v2 HTTP/1.1\nHost: localhost\n\n");
        assertThrows(IOException.class, plain::answer);
      }
    }
    Limits one = Limits.defaults().withConnections(1);
    try (SamplerServer server = start(Access.OPEN.withTls(certificate, key), one);
        RawClient only = new RawClient(server)) {
      only.send(new byte[0]);
      while (server.connections() == 0) {
        Thread.sleep(1);
      }
      HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + "/v2")).build();
      assertEquals(503, client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
    }
  }

  @Test
  void speaksTlsOverGrpc() throws Exception {
    KeyStore store = selfSigned("RSA");
    Path certificate = pem("CERTIFICATE", store.getCertificate("a").getEncoded());
    Path key = pem("PRIVATE KEY", store.getKey("a", "changeit".toCharArray()).getEncoded());
    ServerOptions options =
        ServedModels.options().withGrpcPort(0).withAccess(Access.OPEN.withTls(certificate, key));
    Path models = ServedModels.repository(folder.resolve("models"));
    try (SamplerServer server = SamplerServer.start(models, options)) {
      NettyChannelBuilder to = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort());
      SslContext trusting =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .trustManager(certificate.toFile())
              .build();
      assertEquals(2, outputsOverGrpc(to.sslContext(trusting).build()));
      // Who does not trust the certificate, and who speaks in the clear, hear nothing.
      SslContext distrusting =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK).build();
      for (NettyChannelBuilder bad :
          List.of(
              NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                  .sslContext(distrusting),
              NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext())) {
        StatusRuntimeException failure =
            assertThrows(StatusRuntimeException.class, () -> outputsOverGrpc(bad.build()));
        assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
      }
      // As over HTTP, no suite of TLS 1.2 without forward secrecy.
      SslContext old =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .trustManager(certificate.toFile())
              .protocols("TLSv1.2")
              .ciphers(OLD)
              .build();
      NettyChannelBuilder oldest =
          NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).sslContext(old);
      assertThrows(StatusRuntimeException.class, () -> outputsOverGrpc(oldest.build()));
    }
  }

  private static int outputsOverGrpc(ManagedChannel channel) {
    try {
      return GRPCInferenceServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .modelInfer(GrpcTalk.request("plain", GrpcTalk.latents(1)).build())
          .getOutputsCount();
    } finally {
      channel.shutdownNow();
    }
  }

  /** Not forward secret, or not authenticated with what is encrypted. */
  private static final List<String> OLD =
      List.of(
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256");

  @Test
  void speaksTlsInForwardSecretSuitesAlone() throws Exception {
    KeyStore store = selfSigned("RSA");
    Path certificate = pem("CERTIFICATE", store.getCertificate("a").getEncoded());
    Path key = pem("PRIVATE KEY", store.getKey("a", "changeit".toCharArray()).getEncoded());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SamplerServer server = start(Access.OPEN.withTls(certificate, key))) {
      for (String suite : context.getSupportedSSLParameters().getCipherSuites()) {
        boolean old = OLD.contains(suite);
        boolean good = suite.startsWith("TLS_ECDHE_RSA_") && suite.matches(".*(GCM|CHACHA20).*");
        boolean newest = suite.startsWith("TLS_AES_") || suite.startsWith("TLS_CHACHA20_");
        if (!old && !good && !newest) {
          continue;
        }
        try (SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
          socket.setEnabledProtocols(new String[] {newest ? "TLSv1.3" : "TLSv1.2"});
          socket.setEnabledCipherSuites(new String[] {suite});
          if (old) {
            assertThrows(SSLException.class, socket::startHandshake, suite);
          } else {
            socket.startHandshake();
            assertEquals(suite, socket.getSession().getCipherSuite());
          }
        }
      }
    }
  }

  @Test
  void saysWhatIsWrongWithTls() throws IOException {
    Path file = Files.writeString(folder.resolve("pem"), "no PEM");
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Access(
                Optional.of(file),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                java.util.Set.of()));
    IOException bad = assertThrows(IOException.class, () -> start(Access.OPEN.withTls(file, file)));
    assertTrue(bad.getMessage().startsWith("no TLS with certificate "), bad.getMessage());
    Path missing = folder.resolve("missing");
    IOException none =
        assertThrows(IOException.class, () -> start(Access.OPEN.withTls(missing, file)));
    assertEquals("cannot read " + missing, none.getMessage());
  }

  private SamplerServer start(Access access) throws IOException {
    return start(access, Limits.defaults());
  }

  private SamplerServer start(Access access, Limits limits) throws IOException {
    Path models = ServedModels.repository(folder.resolve("models"));
    ServerOptions options = ServedModels.options().withAccess(access).withLimits(limits);
    return SamplerServer.start(models, options);
  }

  /** The JDK's own tool makes the certificate, as no class of its API does. */
  private KeyStore selfSigned() throws Exception {
    return selfSigned("EC");
  }

  private KeyStore selfSigned(String algorithm) throws Exception {
    Path file = folder.resolve("store.p12");
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                tool,
                "-genkeypair",
                "-keyalg",
                algorithm,
                "-alias",
                "a",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, "changeit".toCharArray());
    }
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setKeyEntry(
        "a",
        store.getKey("a", "changeit".toCharArray()),
        "changeit".toCharArray(),
        store.getCertificateChain("a"));
    trusted.setCertificateEntry("trusted", store.getCertificate("a"));
    return trusted;
  }

  private Path pem(String kind, byte[] encoded) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return Files.writeString(
        folder.resolve(kind.replace(' ', '-') + ".pem"),
        "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  @Test
  void takesNoBodyFromThoseWhoDoNotKnowTheToken() throws IOException {
    try (SamplerServer server = start(Access.OPEN.withToken(TOKEN));
        RawClient raw = new RawClient(server)) {
      raw.lines(
          "POST /v2/models/plain/infer HTTP/1.1\nHost: localhost\nContent-Length: 1000000\n\n");
      assertEquals(401, raw.answer().status()); // Before a byte of it was sent.
      assertEquals(0, server.heldBytes());
    }
  }

  @Test
  void tellsThoseWhoDoNotKnowTheTokenOnlyWhetherAModelIsReady() throws IOException {
    try (SamplerServer server = start(Access.OPEN.withToken(TOKEN))) {
      Client client = new Client(server);
      assertEquals(200, client.get("/v2/models/plain/ready").statusCode());
      HttpResponse<byte[]> none = client.get("/v2/models/other/ready");
      assertEquals(404, none.statusCode());
      assertEquals("there is no such model", Client.error(none));
      String right = "Bearer " + TOKEN;
      String known = Client.error(client.get("/v2/models/other/ready", "Authorization", right));
      assertTrue(known.contains("labelled"), known);
    }
  }
}
