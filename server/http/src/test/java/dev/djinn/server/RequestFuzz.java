package dev.djinn.server;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.TestModels;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Feeds bytes to everything that parses what a client sends: the first byte says to which. Whatever
 * they are, a parser either understands them or says why not by a {@link RequestException}.
 * Jazzer's entry point; {@link RequestFuzzTest} runs it on known inputs and on changed ones.
 */
public final class RequestFuzz {
  private static final Limits LIMITS =
      Limits.defaults().withBodyBytes(1 << 16).withRows(64).withHeldBytes(1 << 20);
  private static final Json JSON = new Json(LIMITS);
  private static final ModelSignature LABELLED =
      ModelSignature.of("labelled", TestModels.CONDITIONAL);
  private static final ModelSignature PLAIN = ModelSignature.of("plain", TestModels.UNCONDITIONAL);

  private RequestFuzz() {}

  /**
   * Parses.
   *
   * @param data which parser, then what it is fed
   */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 3) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    try {
      switch (data[0]) {
        case 0 -> infer(LABELLED, rest);
        case 1 -> infer(PLAIN, rest);
        case 2 -> check(SampleQuery.read(JSON, rest, TestModels.CONDITIONAL, LIMITS));
        case 3 -> target(new String(rest, StandardCharsets.ISO_8859_1));
        case 4 -> {
          expect(
              Compression.inflate("gzip", rest, 1 << 16, room -> {}).length <= 1 << 16,
              "too much inflated");
        }
        case 5 -> http(rest);
        default -> {}
      }
    } catch (RequestException e) {
      expect(e.getMessage() != null && !e.getMessage().isBlank(), "refused without a reason");
    }
  }

  /** Two bytes of the JSON part's length, then the body. */
  private static void infer(ModelSignature model, byte[] data) throws RequestException {
    byte[] body = Arrays.copyOfRange(data, 2, data.length);
    int json = (((data[0] & 0xFF) << 8) | (data[1] & 0xFF)) % (body.length + 1);
    InferRequest request = new InferRequestReader(JSON, LIMITS, model).read(body, json);
    expect(request.rows() >= 1 && request.rows() <= LIMITS.rows(), "rows " + request.rows());
    int size = model.contract().latent().size();
    expect(request.latents().remaining() == request.rows() * size, "latents of another size");
    boolean conditional = model.contract().conditional();
    expect(conditional == (request.labels() != null), "labels where none belong, or none");
    expect(!conditional || request.labels().remaining() == request.rows(), "labels of other rows");
    expect(!request.outputs().isEmpty(), "no outputs");
  }

  private static void target(String text) throws RequestException {
    Route route = Route.find("GET", text);
    GeneratorContract contract = TestModels.CONDITIONAL;
    Map<String, List<String>> query = route.query();
    check(SampleQuery.of(query, contract, LIMITS));
  }

  private static void check(SampleQuery query) throws RequestException {
    expect(query.count() >= 1 && query.count() <= LIMITS.rows(), "count " + query.count());
    int labels = TestModels.CONDITIONAL.labels().size();
    expect(query.label() >= -1 && query.label() < labels, "label " + query.label());
    expect(!query.key().isEmpty(), "no key");
    query.request(TestModels.CONDITIONAL);
  }

  /** Bytes as they come from a socket, in two pieces; each whole request is answered at once. */
  private static void http(byte[] data) {
    Budget budget = new Budget(LIMITS.heldBytes());
    HttpRequestDecoder decoder = new HttpRequestDecoder();
    decoder.setSingleDecode(true);
    EmbeddedChannel channel =
        new EmbeddedChannel(
            decoder,
            new HttpResponseEncoder(),
            new Connection(new Echo(), LIMITS, budget, decoder));
    int middle = data.length / 2;
    for (byte[] part :
        new byte[][] {Arrays.copyOf(data, middle), Arrays.copyOfRange(data, middle, data.length)}) {
      if (channel.isOpen()) {
        channel.writeInbound(channel.alloc().buffer().writeBytes(part));
      }
    }
    channel.checkException();
    channel.finishAndReleaseAll();
    expect(budget.held() == 0, budget.held() + " bytes held after the end");
  }

  /** Answers with the length of what was sent. */
  private static final class Echo implements Connection.Handler {
    @Override
    public void admit(Authority authority) {}

    @Override
    public void admit(HttpRequest head) {}

    @Override
    public void handle(Call call) {
      expect(call.body().length <= LIMITS.bodyBytes(), "a body beyond the limit");
      call.answer(Reply.json(JSON.write(out -> out.writeNumber(call.body().length))));
    }

    @Override
    public Reply refuse(HttpRequest head, RequestException problem) {
      expect(problem.getMessage() != null, "refused without a reason");
      return JSON.refusal(problem);
    }

    @Override
    public Reply complete(Reply reply) {
      return reply;
    }

    @Override
    public Reply failed(String what, Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public Reply givenUp(Call call, String why) {
      throw new AssertionError("it is answered at once");
    }

    @Override
    public void answered(Call call, Reply reply) {}
  }

  private static void expect(boolean right, String problem) {
    if (!right) {
      throw new IllegalStateException(problem);
    }
  }
}
