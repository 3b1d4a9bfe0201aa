package dev.djinn.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, owned by one event loop thread. It takes one request at a time from the socket
 * and reads on only when that one is answered, so a client that pipelines or does not read its
 * answers fills its own socket, not our memory. Of the next one no more than a read is taken
 * meanwhile, since that is how one learns that a client has left.
 *
 * <pre>
 *           header            last byte           answer           written
 * AWAITING --------> RECEIVING --------> ANSWERING ------> DELIVERING ----+--> AWAITING
 *     |                  | bad, too long                                   |
 *     | idle             +-------------------> DELIVERING --> LINGERING    +--> closed
 *     v                                                           |
 *   closed                                                        v  client has closed, or 2 s
 *                                                               closed
 * </pre>
 *
 * An answer that is not there within its time is 503 instead; where the client has left, what was
 * begun for it is given up.
 */
// A close or an interim answer that fails shows as channelInactive, where all is cleaned up.
@SuppressWarnings("FutureReturnValueIgnored")
final class Connection extends ChannelInboundHandlerAdapter implements Call.Client, Arrivals.Owner {

  /** Sent to every connection when the server begins to close. */
  static final Object DRAIN = new Object();

  /** Sent to those that are still there when the server waits no longer. */
  static final Object END = new Object();

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private static final int MOST_CHUNKS = 65_536;
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** A request that was sent before the client could know that we close still gets its answer. */
  private static final long DRAIN_GRACE = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * What takes requests that have arrived whole; called on the event loop, so it must not block.
   */
  interface Handler {
    /** Refuses a request by whom it is for. */
    void admit(Authority authority) throws RequestException;

    /** Refuses a request by its head, before its body is taken. */
    void admit(HttpRequest head) throws RequestException;

    void handle(Call call);

    /** Makes the answer to a request that never arrived whole; its head may be unreadable. */
    Reply refuse(HttpRequest head, RequestException problem);

    /** Adds what every answer must have. */
    Reply complete(Reply reply);

    /** Hears of each answer as it is handed to the socket. */
    void answered(Call call, Reply reply);

    /** Makes the answer to a call that is given up, and says why. */
    Reply givenUp(Call call, String why);

    /** Makes the answer to what nobody has foreseen, and says it in the log. */
    Reply failed(String what, Throwable failure);
  }

  private enum Phase {
    AWAITING,
    RECEIVING,
    ANSWERING,
    DELIVERING,
    LINGERING
  }

  private final Handler handler;
  private final Limits limits;
  private final Budget budget;
  private final HttpRequestDecoder decoder;
  private final Arrivals arrivals = new Arrivals(this);

  private ChannelHandlerContext context;
  private Future<?> clock;
  private Phase phase = Phase.AWAITING;
  private long deadline;
  private boolean decoding;
  private boolean decoded;
  private boolean draining;
  private boolean keepAlive;
  private boolean inputEnded;

  private HttpRequest head;
  private byte[] body = {};
  private int received;
  private int chunks;
  private long held;
  private Call call;

  /**
   * Makes a connection.
   *
   * @param decoder the handler before this one; it must decode one message at a time
   */
  Connection(Handler handler, Limits limits, Budget budget, HttpRequestDecoder decoder) {
    this.handler = handler;
    this.decoder = decoder;
    this.limits = limits;
    this.budget = budget;
  }

  /** {@return the handler that is to stand between the socket and the decoder} */
  Arrivals arrivals() {
    return arrivals;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    enter(Phase.AWAITING, limits.idleTime());
    long shortest =
        Math.min(
            limits.answerTime().toMillis(),
            Math.min(limits.idleTime().toMillis(), limits.requestTime().toMillis()));
    long period = Math.max(10, shortest / 4);
    clock =
        ctx.executor()
            .scheduleWithFixedDelay(this::checkTime, period, period, TimeUnit.MILLISECONDS);
    ctx.read();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    clock.cancel(false);
    forgetBody();
    if (phase == Phase.ANSWERING && call != null) {
      call.leave();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    decoding = true;
    decoded = true;
    try {
      take(message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    decoding = false;
    readOn();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Resets and broken TLS: there is nobody left to answer. An error is ours.
    if (cause instanceof Error) {
      LOG.error("a connection failed", cause);
    }
    ctx.close();
  }

  @Override
  public void inputEnded() {
    inputEnded = true;
    if (reads()) {
      context.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == DRAIN) {
      draining = true;
      if (phase == Phase.AWAITING) {
        ctx.executor().schedule(this::closeIfIdle, DRAIN_GRACE, TimeUnit.NANOSECONDS);
      }
    }
    if (event == END && phase == Phase.ANSWERING) {
      call.expire(handler.givenUp(call, "the server is closing"));
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void send(Call answered, Reply reply) {
    if (context.executor().inEventLoop()) {
      deliver(answered, reply);
    } else {
      context.executor().execute(() -> deliver(answered, reply));
    }
  }

  @Override
  public boolean answering() {
    return phase == Phase.ANSWERING;
  }

  @Override
  public boolean reads() {
    return phase == Phase.AWAITING || phase == Phase.RECEIVING || phase == Phase.LINGERING;
  }

  /**
   * Goes on with what the decoder has left, then with the socket. The decoder gives one message at
   * a time, or a read full of tiny requests would become a thousand times its size in objects. A
   * loop, and not reentrant, since each of them may be answered at once.
   */
  private void readOn() throws Exception {
    if (decoding) {
      return;
    }
    decoding = true;
    try {
      ChannelHandlerContext before = context.pipeline().context(decoder);
      do {
        decoded = false;
        if (before != null && reads()) {
          decoder.channelRead(before, Unpooled.EMPTY_BUFFER);
        }
        ByteBuf kept = decoded || before == null || !reads() ? null : arrivals.next();
        if (kept != null) {
          decoder.channelRead(before, kept);
          decoded = true;
        }
      } while (decoded);
    } finally {
      decoding = false;
    }
    if (!reads()) {
      return;
    }
    if (inputEnded) {
      context.close();
    } else {
      context.read();
    }
  }

  private void take(Object message) {
    try {
      if (phase == Phase.AWAITING && message instanceof HttpRequest request) {
        begin(request);
      }
      // Not "else": a decoder's failure comes as a request that is its own last content.
      if (phase == Phase.RECEIVING && message instanceof HttpContent content) {
        append(content);
      }
    } catch (RequestException e) {
      refuse(e);
    } catch (Throwable e) { // Whatever it is, the client is told, and nothing stays held.
      Reply reply = handler.failed(head == null ? "a request" : head.method().name(), e);
      if (phase == Phase.ANSWERING) {
        call.answer(reply);
      } else {
        forgetBody();
        keepAlive = false;
        write(reply, Phase.LINGERING);
      }
    }
  }

  private void begin(HttpRequest request) throws RequestException {
    head = request;
    keepAlive = HttpUtil.isKeepAlive(request);
    enter(Phase.RECEIVING, limits.requestTime());
    checkDecoded(request.decoderResult().cause());
    HttpHeaders headers = request.headers();
    if (request.protocolVersion().majorVersion() != 1) {
      throw new RequestException(
          505, request.protocolVersion() + " is not spoken here; use HTTP/1.1");
    }
    boolean old = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
    handler.admit(Authority.of(request));
    checkCoding(headers);
    long announced = contentLength(headers);
    checkLength(announced);
    if (announced > 0 || HttpUtil.isTransferEncodingChunked(request)) {
      handler.admit(request);
    }
    String expect = headers.get(HttpHeaderNames.EXPECT);
    if (expect != null && !old) {
      if (!HttpUtil.is100ContinueExpected(request)) {
        throw new RequestException(417, "the expectation '" + expect + "' is not 100-continue");
      }
      context.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private void append(HttpContent content) throws RequestException {
    checkDecoded(content.decoderResult().cause());
    ByteBuf bytes = content.content();
    int more = bytes.readableBytes();
    if (more > 0) {
      checkLength((long) received + more);
      if (HttpUtil.isTransferEncodingChunked(head) && ++chunks > MOST_CHUNKS) {
        throw RequestException.bad("the body comes in more than " + MOST_CHUNKS + " chunks");
      }
      reserve(received + more);
      bytes.readBytes(body, received, more);
      received += more;
    }
    if (content instanceof LastHttpContent) {
      byte[] whole = received == body.length ? body : Arrays.copyOf(body, received);
      call = new Call(head.method().name(), head.uri(), head.headers(), whole, this, budget, held);
      held = 0;
      forgetBody();
      enter(Phase.ANSWERING, limits.answerTime());
      if (halfCloses()) {
        context.read();
      }
      handler.handle(call);
    }
  }

  /** Whether the end of a client's input leaves it the answers; else nothing is read ahead. */
  private boolean halfCloses() {
    return Boolean.TRUE.equals(
        context.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE));
  }

  /** Grows the body's array by doubling, never beyond what has been announced or is allowed. */
  private void reserve(int needed) throws RequestException {
    if (needed <= body.length) {
      return;
    }
    long announced = Math.max(needed, HttpUtil.getContentLength(head, limits.bodyBytes()));
    int size = (int) Math.min(announced, Math.max(needed, 2L * body.length));
    int growth = size - body.length;
    budget.take(growth);
    held += growth;
    body = Arrays.copyOf(body, size);
  }

  private void forgetBody() {
    budget.give(held);
    held = 0;
    body = new byte[0];
    received = 0;
    chunks = 0;
  }

  private static void checkDecoded(Throwable failure) throws RequestException {
    if (failure instanceof TooLongHttpLineException) {
      throw new RequestException(414, "the request line is longer than the limit");
    }
    if (failure instanceof TooLongHttpHeaderException) {
      throw new RequestException(431, "the request's header is larger than the limit");
    }
    if (failure != null) {
      throw RequestException.bad("malformed HTTP: " + failure.getMessage());
    }
  }

  private static void checkCoding(HttpHeaders headers) throws RequestException {
    if (!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return;
    }
    String coding = Call.header(headers, "Transfer-Encoding").trim();
    if (!coding.equalsIgnoreCase("chunked")) {
      throw new RequestException(
          501, "the transfer coding '" + coding + "' is not known here; send chunked alone");
    }
  }

  private static long contentLength(HttpHeaders headers) throws RequestException {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    if (length == null) {
      return 0;
    }
    if (!LENGTH.matcher(length).matches()) {
      throw RequestException.bad("Content-Length '" + length + "' is not a length");
    }
    return Long.parseLong(length);
  }

  private void checkLength(long length) throws RequestException {
    if (length > limits.bodyBytes()) {
      throw new RequestException(
          413, "the body is larger than the limit of " + limits.bodyBytes() + " bytes");
    }
  }

  /**
   * Answers a request before it has arrived whole; what is still to come of it is read and dropped.
   */
  private void refuse(RequestException problem) {
    forgetBody();
    keepAlive = false;
    Reply reply = handler.refuse(head, problem);
    write(reply, Phase.LINGERING);
  }

  private void deliver(Call answered, Reply reply) {
    if (!context.channel().isActive() || phase != Phase.ANSWERING || answered != call) {
      answered.release();
      return;
    }
    try {
      handler.answered(answered, reply);
      write(reply, Phase.AWAITING);
    } catch (Throwable e) { // Half an answer may be out already.
      LOG.error("an answer could not be sent", e);
      answered.release();
      call = null;
      context.close();
    }
  }

  private void write(Reply made, Phase next) {
    Reply reply = handler.complete(made);
    boolean open = keepAlive && !draining;
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(reply.status()),
            head.method().equals(HttpMethod.HEAD)
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(reply.body().toArray(byte[][]::new)));
    HttpHeaders headers = response.headers();
    reply.headers().forEach(headers::set);
    if (!reply.type().isEmpty()) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, reply.type());
      headers.set("X-Content-Type-Options", "nosniff");
    }
    if (reply.status() != 304) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, reply.length());
    }
    headers.set(HttpHeaderNames.DATE, HttpDate.now());
    if (!open) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    enter(Phase.DELIVERING, limits.requestTime());
    context
        .writeAndFlush(response)
        .addListener((ChannelFutureListener) future -> delivered(future.isSuccess(), open, next));
  }

  private void delivered(boolean success, boolean open, Phase next) throws Exception {
    if (call != null) {
      call.release();
      call = null;
    }
    head = null;
    if (!success) {
      context.close();
    } else if (next == Phase.LINGERING) {
      linger();
    } else if (!open) {
      context.close();
    } else {
      enter(Phase.AWAITING, limits.idleTime());
      readOn();
    }
  }

  /**
   * Says that we are done and waits for the client to have read it. Closing at once, with bytes of
   * the request unread, would make the network stack throw our answer away.
   */
  private void linger() throws Exception {
    enter(Phase.LINGERING, LINGER);
    endOutput(context.channel());
    context.executor().schedule(() -> context.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
    readOn();
  }

  /** Tells a client that nothing more comes, while it can go on sending. */
  static void endOutput(Channel channel) {
    if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }

  private void enter(Phase next, Duration time) {
    phase = next;
    deadline = System.nanoTime() + time.toNanos();
  }

  private void checkTime() {
    if (System.nanoTime() - deadline < 0) {
      if (phase == Phase.ANSWERING && !halfCloses()) {
        arrivals.sendAhead(context.pipeline().context(arrivals));
      }
      return;
    }
    if (phase == Phase.RECEIVING) {
      refuse(
          new RequestException(
              408, "the body did not arrive within " + limits.requestTime().toSeconds() + " s"));
    } else if (phase == Phase.ANSWERING) {
      long seconds = limits.answerTime().toSeconds();
      call.expire(handler.givenUp(call, "there is no answer after " + seconds + " s"));
    } else {
      context.close();
    }
  }

  private void closeIfIdle() {
    if (phase == Phase.AWAITING) {
      context.close();
    }
  }
}
