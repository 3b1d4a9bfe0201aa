package dev.djinn.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection that sends whatever it is told to and can tell half an answer from none. */
final class Wire implements AutoCloseable {
  /**
   * One answer.
   *
   * @param status its HTTP status
   * @param jsonLength the value of Inference-Header-Content-Length, 0 without
   * @param body as announced
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Answer(int status, int jsonLength, byte[] body) {}

  final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  Wire(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  Wire send(byte[] bytes) throws IOException {
    out.write(bytes);
    return this;
  }

  Wire send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a POST whole. */
  Wire post(String path, int jsonLength, byte[] body) throws IOException {
    byte[] head =
        ("POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + body.length
                + (jsonLength < 0 ? "" : "\r\nInference-Header-Content-Length: " + jsonLength)
                + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return send(all);
  }

  /**
   * Reads an answer.
   *
   * @return null if the server has closed without a byte of one
   * @throws EOFException if it closed within one
   */
  Answer answer() throws IOException {
    String status = line();
    if (status == null) {
      return null;
    }
    int length = 0;
    int jsonLength = 0;
    while (true) {
      String line = line();
      if (line == null) {
        throw new EOFException("half an answer: its header stops");
      }
      if (line.isEmpty()) {
        break;
      }
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      } else if (lower.startsWith("inference-header-content-length:")) {
        jsonLength = Integer.parseInt(lower.substring(32).strip());
      }
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("half an answer: " + body.length + " of " + length + " bytes");
    }
    return new Answer(Integer.parseInt(status.substring(9, 12)), jsonLength, body);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        if (line.size() == 0) {
          return null;
        }
        throw new EOFException("half an answer: '" + line + "'");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** Cuts the connection so that the other side sees a reset. */
  void cut() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
