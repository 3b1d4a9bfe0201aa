package dev.djinn.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Stands between a socket and the decoder while a request is answered: it keeps what arrives, one
 * read at most, and finds out whether a client that sends no more has left or only waits.
 *
 * <p>To TCP both look the same (end of input, state CLOSE_WAIT, the same events) until something is
 * sent: who has left has the connection reset. So the bytes that every answer begins with are sent
 * ahead one by one, ever more slowly, and left out of the answer. A client that waits sees nothing
 * but a slow answer. On a Unix socket, which Netty would close at the end of input, nothing is read
 * meanwhile, and a byte is sent from time to time: it cannot be sent to who has left.
 */
final class Arrivals extends ChannelDuplexHandler {

  private static final byte[] BEGINNING = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
  private static final long FIRST_PAUSE = 50;

  /** Who answers what arrives. */
  interface Owner {
    /** {@return whether what arrives is taken now} */
    boolean reads();

    /** {@return whether a request is being made an answer to} */
    boolean answering();

    /** The client sends no more; it may still want to hear. */
    void inputEnded();
  }

  private final Owner owner;
  private final Queue<ByteBuf> kept = new ArrayDeque<>();
  private int sentAhead;

  Arrivals(Owner owner) {
    this.owner = owner;
  }

  /** {@return what has arrived in the meantime, to be released by the caller; null if nothing} */
  ByteBuf next() {
    return kept.poll();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!owner.reads() && message instanceof ByteBuf bytes) {
      kept.add(bytes);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      // Not for the decoder, which would make half a request of what it has.
      owner.inputEnded();
      sendAhead(ctx, FIRST_PAUSE);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what fails closes the connection
  private void sendAhead(ChannelHandlerContext ctx, long pause) {
    if (sendAhead(ctx)) {
      ctx.executor().schedule(() -> sendAhead(ctx, 2 * pause), pause, TimeUnit.MILLISECONDS);
    }
  }

  /** Sends a byte of the answer that is being made, and says whether there was one to send. */
  @SuppressWarnings("FutureReturnValueIgnored") // what fails closes the connection
  boolean sendAhead(ChannelHandlerContext ctx) {
    if (!owner.answering() || !ctx.channel().isActive() || sentAhead == BEGINNING.length) {
      return false;
    }
    ByteBuf next = Unpooled.wrappedBuffer(BEGINNING, sentAhead++, 1);
    ctx.writeAndFlush(next)
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                ctx.close();
              }
            });
    return true;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the promise is the caller's
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (sentAhead > 0 && message instanceof ByteBuf bytes && bytes.isReadable()) {
      bytes.skipBytes(sentAhead); // The encoder writes a header whole.
      sentAhead = 0;
    }
    ctx.write(message, promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    for (ByteBuf bytes = kept.poll(); bytes != null; bytes = kept.poll()) {
      bytes.release();
    }
  }
}
