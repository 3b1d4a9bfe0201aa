package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.ModelBounds;
import dev.djinn.sampler.TestModels;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request gets one answer in its time, whatever the model, the client or the JVM does. */
@Timeout(120)
class EveryRequestTest {

  private static final String INFER = "/v2/models/plain/infer";

  @TempDir Path folder;

  @Test
  void answersABodyOfThousandsOfEmptyGzipMembers() throws IOException {
    byte[] member = gzip(new byte[0]);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < 15_000; i++) {
      body.write(member);
    }
    try (SamplerServer server = start(Limits.defaults())) {
      HttpResponse<byte[]> answer =
          new Client(server).post(INFER, body.toByteArray(), "Content-Encoding", "gzip");
      assertEquals(400, answer.statusCode());
      assertTrue(Client.error(answer).endsWith("more than 4096 members"), Client.error(answer));
      await(() -> server.heldBytes() == 0);
    }
  }

  @Test
  void inflatesMembersOneAfterTheOther() throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (int i = 0; i < 4000; i++) {
      byte[] part = ("part " + i).getBytes(StandardCharsets.US_ASCII);
      body.write(gzip(part));
      whole.write(part);
    }
    byte[] inflated = Compression.inflate("gzip", body.toByteArray(), 1 << 20, bytes -> {});
    assertEquals(
        whole.toString(StandardCharsets.US_ASCII), new String(inflated, StandardCharsets.US_ASCII));
  }

  @Test
  void refusesSixtyFourMegabytesOfSpacesWithoutMakingThem() throws IOException {
    byte[] spaces = new byte[64 << 20];
    Arrays.fill(spaces, (byte) ' ');
    byte[] body = gzip(spaces);
    try (SamplerServer server = start(Limits.defaults())) {
      HttpResponse<byte[]> answer =
          new Client(server).post(INFER, body, "Content-Encoding", "gzip");
      assertEquals(413, answer.statusCode());
      assertTrue(Client.error(answer).contains("more than 100 times"), Client.error(answer));
    }
    List<Long> taken = new ArrayList<>();
    try {
      Compression.inflate("gzip", body, 64 << 20, taken::add);
    } catch (RequestException e) {
      assertEquals(413, e.status());
    }
    long most = taken.stream().mapToLong(Long::longValue).sum();
    assertTrue(most <= 100L * body.length + 1, most + " bytes made of " + body.length);
  }

  @Test
  void saysThatAGzipBodyIsEmpty() throws IOException {
    try (SamplerServer server = start(Limits.defaults())) {
      HttpResponse<byte[]> answer =
          new Client(server).post(INFER, new byte[0], "Content-Encoding", "gzip");
      assertEquals(400, answer.statusCode());
      assertEquals(
          "the body is not gzip as Content-Encoding says: it is empty", Client.error(answer));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"admit", "handle", "answered"})
  void anyThrowableGivesOneAnswerAndReturnsWhatIsHeld(String where) {
    Budget budget = new Budget(1 << 20);
    HttpRequestDecoder decoder = new HttpRequestDecoder();
    decoder.setSingleDecode(true);
    Connection connection = new Connection(new Failing(where), Limits.defaults(), budget, decoder);
    EmbeddedChannel channel =
        new EmbeddedChannel(connection.arrivals(), decoder, new HttpResponseEncoder(), connection);
    channel.writeInbound(
        channel
            .alloc()
            .buffer()
            .writeBytes(
                "POST /v2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    .getBytes(StandardCharsets.US_ASCII)));
    channel.runPendingTasks();
    String out = "";
    for (io.netty.buffer.ByteBuf part = channel.readOutbound();
        part != null;
        part = channel.readOutbound()) {
      out += part.toString(StandardCharsets.US_ASCII);
      part.release();
    }
    channel.checkException();
    // Where the failure is in counting the answer, the connection is closed instead.
    int answers = where.equals("answered") ? 0 : 1;
    assertEquals(answers, out.split("HTTP/1.1 500", -1).length - 1, out);
    assertEquals(0, budget.held());
    channel.finishAndReleaseAll();
    assertEquals(0, budget.held());
  }

  /** Fails as a clash of library versions does, or a stack that has ended. */
  private record Failing(String where) implements Connection.Handler {
    private void fail(String here) {
      if (here.equals(where)) {
        throw new NoSuchMethodError("a clash of versions");
      }
    }

    @Override
    public void admit(Authority authority) {}

    @Override
    public void admit(HttpRequest head) {
      fail("admit");
    }

    @Override
    public void handle(Call call) {
      fail("handle");
      call.answer(Reply.json(new byte[0]));
    }

    @Override
    public Reply refuse(HttpRequest head, RequestException problem) {
      throw new AssertionError(problem);
    }

    @Override
    public Reply complete(Reply reply) {
      return reply;
    }

    @Override
    public void answered(Call call, Reply reply) {
      fail("answered");
    }

    @Override
    public Reply failed(String what, Throwable failure) {
      assertEquals(NoSuchMethodError.class, failure.getClass());
      return Reply.FAILED;
    }

    @Override
    public Reply givenUp(Call call, String why) {
      throw new AssertionError();
    }
  }

  @Test
  void aCallThatHasNoAnswerInItsTimeIsToldSoAndReadinessSaysNo() throws IOException {
    Limits limits =
        Limits.defaults()
            .withTimes(Duration.ofMillis(600), Duration.ofSeconds(60))
            .withAnswerTime(Duration.ofMillis(500));
    try (SamplerServer server = startEndless(limits, Duration.ofSeconds(4));
        RawClient stuck = new RawClient(server)) {
      Client client = new Client(server);
      assertEquals(200, client.get("/v2/models/plain/samples?count=1").statusCode());
      stuck.lines(endless());
      RawClient.Answer answer = stuck.answer();
      assertEquals(503, answer.status());
      assertTrue(answer.body().contains("there is no answer after"), answer.body());
      await(() -> client.get("/v2/health/ready").statusCode() == 503);
      HttpResponse<byte[]> ready = client.get("/v2/models/plain/ready");
      assertEquals(503, ready.statusCode());
      String reason = (String) Client.json(ready).get("reason");
      assertTrue(reason.contains("busy with what they run for"), reason);
      assertEquals(200, client.get("/v2/health/live").statusCode());
      // When the run has been given up it answers again.
      await(() -> client.get("/v2/health/ready").statusCode() == 200);
      assertEquals(200, client.get("/v2/models/plain/samples?count=1").statusCode());
      await(() -> server.heldBytes() == 0);
    }
  }

  @Test
  void aModelThatNeverReturnsIsGivenUpAndItsCallersAreTold() throws IOException {
    try (SamplerServer server = startEndless(Limits.defaults(), Duration.ofSeconds(1));
        RawClient stuck = new RawClient(server)) {
      stuck.lines(endless());
      RawClient.Answer answer = stuck.answer();
      assertEquals(503, answer.status());
      assertTrue(answer.body().contains("was stopped"), answer.body());
    }
  }

  @Test
  void whoHasNoAnswerWhenTheServerWaitsNoLongerIsToldSo() throws Exception {
    Limits limits = Limits.defaults().withTimes(Duration.ofSeconds(2), Duration.ofSeconds(2));
    SamplerServer server = startEndless(limits, Duration.ofSeconds(3));
    try (RawClient stuck = new RawClient(server).lines(endless())) {
      await(() -> server.heldBytes() > 0);
      server.close();
      RawClient.Answer answer = stuck.answer();
      assertEquals(503, answer.status());
      assertTrue(answer.body().contains("the server is closing"), answer.body());
    } finally {
      server.close();
    }
  }

  @Test
  void whatIsAskedByAClientThatLeavesIsGivenUp() throws Exception {
    try (SamplerServer server = startEndless(Limits.defaults(), Duration.ofSeconds(3))) {
      RawClient stuck = new RawClient(server).lines(endless());
      Thread.sleep(300); // It has the only worker.
      List<RawClient> leaving = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        leaving.add(
            new RawClient(server)
                .lines("GET /v2/models/plain/samples?count=4096 HTTP/1.1\nHost: localhost\n\n"));
      }
      await(() -> server.heldBytes() > 8 * 4096);
      long held = server.heldBytes();
      for (RawClient client : leaving) {
        client.close();
      }
      // Long before the worker is free.
      await(() -> server.heldBytes() < held / 8);
      await(() -> server.connections() == 1);
      assertEquals(503, stuck.answer().status());
      stuck.close();
      await(() -> server.heldBytes() == 0);
    }
  }

  @Test
  void onAUnixSocketToo() throws Exception {
    Limits limits = Limits.defaults().withTimes(Duration.ofSeconds(4), Duration.ofSeconds(4));
    Path file = folder.resolve("s");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file);
    ServerOptions options = endlessOptions(limits, Duration.ofSeconds(3)).withUnixSocket(file);
    String get = "GET /v2/models/plain/samples?count=%d&format=raw HTTP/1.1\nHost: a\n\n";
    try (SamplerServer server = SamplerServer.start(folder, options);
        SocketChannel stuck = SocketChannel.open(address);
        SocketChannel waiting = SocketChannel.open(address)) {
      send(stuck, endless());
      Thread.sleep(300); // It has the only worker.
      SocketChannel leaving = SocketChannel.open(address);
      send(leaving, get.replace("%d", "4096"));
      send(waiting, get.replace("%d", "1"));
      waiting.shutdownOutput();
      await(() -> server.heldBytes() > 16 * 4096);
      leaving.close();
      await(() -> server.heldBytes() < 4096);
      stuck.configureBlocking(false);
      // A few of its answer's first bytes at most: the worker is still at it.
      assertTrue(stuck.read(ByteBuffer.allocate(100)) < 9);
      String answer =
          new String(Channels.newInputStream(waiting).readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
      assertEquals(1, answer.split("HTTP/1.1", -1).length - 1);
    }
  }

  private static void send(SocketChannel channel, String lines) throws IOException {
    byte[] bytes = lines.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    channel.write(ByteBuffer.wrap(bytes));
  }

  @Test
  void answersWholeWhoeverHasFinishedSendingThoughTheAnswerTakesLong() throws IOException {
    try (SamplerServer server = startEndless(Limits.defaults(), Duration.ofSeconds(2));
        RawClient stuck = new RawClient(server).lines(endless());
        RawClient waiting = new RawClient(server)) {
      String get = "GET /v2/models/plain/samples?count=1&format=json HTTP/1.1\nHost: localhost\n\n";
      waiting.lines(get + get).endOutput();
      assertEquals(200, waiting.answer().status());
      assertEquals(200, waiting.answer().status());
      assertTrue(waiting.isClosedByServer());
      assertEquals(503, stuck.answer().status());
    }
  }

  private SamplerServer start(Limits limits) throws IOException {
    return SamplerServer.start(
        ServedModels.repository(folder), ServedModels.options().withLimits(limits));
  }

  /** One worker, and a model that loops for ever on a latent above 1,000. */
  private SamplerServer startEndless(Limits limits, Duration run) throws IOException {
    return SamplerServer.start(folder, endlessOptions(limits, run));
  }

  private ServerOptions endlessOptions(Limits limits, Duration run) throws IOException {
    Path file = folder.resolve("plain/1/model.onnx");
    Files.createDirectories(file.getParent());
    TestModels.writeEndless(file, 1000);
    ServerOptions options = ServedModels.options().withLimits(limits).withWorkers(1);
    return options.withSampler(
        options
            .sampler()
            .withWorkers(1)
            .withBounds(new ModelBounds(Duration.ofSeconds(20), run, false)));
  }

  private static String endless() {
    String body =
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[1,10],"
            + "\"data\":[2000,0,0,0,0,0,0,0,0,0]}]}";
    return "POST "
        + INFER
        + " HTTP/1.1\nHost: localhost\nContent-Length: "
        + body.length()
        + "\n\n"
        + body;
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not happen within 20 s");
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(content);
    }
    return packed.toByteArray();
  }
}
