package dev.djinn.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of a Unix domain socket: replaced only if it is a dead socket, removed only if ours. */
final class SocketFile {

  private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);

  /** Of a file's mode in Unix, the part that says what kind it is, and that of a socket. */
  private static final int KIND = 0170000;

  private static final int SOCKET = 0140000;

  private final Path file;

  /**
   * Where the socket is bound before it is moved to its place: Netty deletes what it has bound when
   * it closes, whoever's it is by then.
   */
  private final Path beside;

  /** What tells the file that we have made from others. */
  private Object bound;

  SocketFile(Path file) {
    this.file = file;
    this.beside = file.resolveSibling(file.getFileName() + "~");
  }

  /** Takes away what a server that was killed has left, and gives the address to bind. */
  UnixDomainSocketAddress prepare() throws IOException {
    deleteStale(file);
    deleteStale(beside);
    return UnixDomainSocketAddress.of(beside);
  }

  /** Gives what has been bound its name. */
  void place() throws IOException {
    Files.move(beside, file);
    bound = key(file);
  }

  /** Removes the file, if it is still the one that was placed. */
  void remove() {
    try {
      if (bound != null && bound.equals(key(file))) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) { // No reason to leave those connected without an answer.
      LOG.warn("cannot delete {}: {}", file, e.toString());
    }
  }

  /** {@return what tells a file from another that takes its place; null if there is none} */
  private static Object key(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * A server that was killed leaves its socket file, on which nobody answers any more. Nothing else
   * is taken away: no pipe, device or file, and no link to one.
   */
  private static void deleteStale(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int kind = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & KIND;
    if (kind != SOCKET) {
      throw new IOException(
          "cannot listen on " + file + ": it exists and is no socket; remove it or name another");
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      throw new IOException(
          "cannot listen on " + channel.getRemoteAddress() + ": a server listens there");
    } catch (ConnectException e) {
      Files.delete(file);
    }
  }
}
