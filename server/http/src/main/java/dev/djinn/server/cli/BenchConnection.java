package dev.djinn.server.cli;

import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.SocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * An HTTP/1.1 connection with as little in it as can be, since what a client library does between
 * the clock and the socket would be measured too.
 */
final class BenchConnection implements AutoCloseable {
  private static final int MOST_HEADER = 64 << 10;
  private static final int TIMEOUT = 60_000;

  private final URI base;
  private final String token;
  private final Socket socket;
  private final InputStream in;

  BenchConnection(URI base, String token) throws IOException {
    this.base = base;
    this.token = token;
    boolean tls = "https".equals(base.getScheme());
    int port = base.getPort() >= 0 ? base.getPort() : tls ? 443 : 80;
    SocketFactory sockets = tls ? SSLSocketFactory.getDefault() : SocketFactory.getDefault();
    try {
      socket = sockets.createSocket(base.getHost(), port);
    } catch (ConnectException e) {
      throw new SamplerException(
          Reason.FAILED, "no server answers at " + base.getHost() + ":" + port, e);
    }
    if (socket instanceof SSLSocket secure) {
      // The token goes only to the host whose name the certificate has; sockets do not look.
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT);
    in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
  }

  byte[] get(String path) {
    return head("GET", path, "").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** {@return a request with a JSON part and tensors behind it} */
  byte[] post(String path, byte[] json, byte[] tensors) {
    String headers =
        String.format(
            Locale.ROOT,
            "Content-Type: application/octet-stream\r\nInference-Header-Content-Length: %d\r\nContent-Length: %d\r\n",
            json.length,
            json.length + tensors.length);
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head("POST", path, headers).getBytes(StandardCharsets.ISO_8859_1));
    request.writeBytes(json);
    request.writeBytes(tensors);
    return request.toByteArray();
  }

  private String head(String method, String path, String headers) {
    String authorization = token == null ? "" : "Authorization: Bearer " + token + "\r\n";
    return method
        + " "
        + base.getRawPath()
        + path
        + " HTTP/1.1\r\nHost: "
        + base.getRawAuthority()
        + "\r\n"
        + authorization
        + headers
        + "\r\n";
  }

  /**
   * Sends a request and reads its answer.
   *
   * @return the answer's body
   * @throws SamplerException if the answer is not 200
   */
  byte[] exchange(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    String status = line();
    int length = -1;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(header.substring(15).trim());
      }
    }
    if (length < 0) {
      throw new IOException("the server answered '" + status + "' without a Content-Length");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the server closed the connection in its answer");
    }
    if (!status.startsWith("HTTP/1.1 200 ")) {
      String text = new String(body, StandardCharsets.UTF_8).lines().findFirst().orElse("");
      throw new SamplerException(
          Reason.FAILED, "the server answered " + status.replaceFirst("^\\S+ ", "") + ": " + text);
    }
    return body;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (line.length() == MOST_HEADER) {
        throw new IOException("the server's answer is not HTTP");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
