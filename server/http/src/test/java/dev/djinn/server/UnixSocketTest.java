package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {

  @TempDir Path folder;

  @Test
  void answersOnAUnixDomainSocket() throws IOException {
    Path models = ServedModels.repository(folder);
    Path socket = folder.resolve("s");
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    try (SamplerServer server = SamplerServer.start(models, options)) {
      assertEquals("unix:" + socket, server.address());
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.write(
            ByteBuffer.wrap(
                "GET /v2/health/live HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(4096);
        while (channel.read(answer) >= 0) {
          // Until the server closes.
        }
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("HTTP/1.1 200 OK\r\n"), text);
        assertTrue(text.endsWith("{\"live\":true}"), text);
      }
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void takesOverASocketFileOnWhichNobodyAnswersAndNoOther() throws IOException {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path socket = folder.resolve("s");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket))
        .close();
    assertTrue(Files.exists(socket));
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    try (SamplerServer server = SamplerServer.start(models, options)) {
      assertEquals(-1, server.port());
      IOException e = assertThrows(IOException.class, () -> SamplerServer.start(models, options));
      assertTrue(e.getMessage().endsWith("a server listens there"), e.getMessage());
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
    }
    Files.writeString(socket, "precious");
    assertThrows(IOException.class, () -> SamplerServer.start(models, options));
    assertEquals("precious", Files.readString(socket));
  }

  @Test
  void takesAwayNeitherAPipeNorASocketThatAnotherServerHasBound() throws Exception {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path pipe = folder.resolve("pipe");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    ServerOptions onPipe = ServerOptions.defaults().withUnixSocket(pipe);
    IOException e = assertThrows(IOException.class, () -> SamplerServer.start(models, onPipe));
    assertTrue(e.getMessage().contains("is no socket"), e.getMessage());
    assertTrue(Files.exists(pipe));
    Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
    ServerOptions onLink = ServerOptions.defaults().withUnixSocket(link);
    assertThrows(IOException.class, () -> SamplerServer.start(models, onLink));
    assertTrue(Files.isSymbolicLink(link));
    Path socket = folder.resolve("s");
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    SamplerServer first = SamplerServer.start(models, options);
    Files.delete(socket);
    try (SamplerServer second = SamplerServer.start(models, options)) {
      first.close();
      assertTrue(Files.exists(socket));
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
      assertEquals("unix:" + socket, second.address());
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void closesThoughItsSocketFileCannotBeDeleted() throws IOException {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path socket = folder.resolve("s");
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    SamplerServer server = SamplerServer.start(models, options);
    Files.delete(socket);
    Files.createDirectories(socket.resolve("full"));
    server.close();
    assertEquals(List.of(), server.modelNames());
  }
}
