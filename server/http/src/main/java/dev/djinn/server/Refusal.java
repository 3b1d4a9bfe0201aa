package dev.djinn.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Answers a connection that is one too many, whatever it wants, and drops what it sends until it
 * has read the answer; closing at once could throw the answer away.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whatever fails, the connection is closed
final class Refusal extends ChannelInboundHandlerAdapter {
  private static final int LINGER_SECONDS = 2;

  private static final String ANSWER =
      String.join(
          "\r\n",
          "HTTP/1.1 503 Service Unavailable",
          "Retry-After: 1",
          "Connection: close",
          "Content-Type: application/json",
          "Content-Length: 32",
          "",
          "{\"error\":\"too many connections\"}");

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(Unpooled.copiedBuffer(ANSWER, StandardCharsets.US_ASCII))
        .addListener((ChannelFutureListener) written -> Connection.endOutput(ctx.channel()));
    ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
