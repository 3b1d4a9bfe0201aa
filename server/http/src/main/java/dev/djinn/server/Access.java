package dev.djinn.server;

import dev.djinn.sampler.FileProblem;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;

/**
 * Who may talk to a server, and how safely. By default everybody who reaches its address, in the
 * clear, and no page of another origin.
 *
 * @param certificate PEM file of the certificate chain; with {@code key}, the server speaks TLS 1.2
 *     and 1.3 only
 * @param key PEM file of the private key in PKCS#8, without a password
 * @param token what clients must send as {@code Authorization: Bearer …}, except for health
 * @param corsOrigin origin whose pages may read answers, such as {@code https://example.org}, or
 *     {@code *}
 * @param hosts further names that a request's Host may have. On a loopback address without a token
 *     it must be a loopback name or address, or one of these; where there are any, that holds
 *     everywhere, and {@code *} allows all
 */
public record Access(
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<String> token,
    Optional<String> corsOrigin,
    Set<String> hosts) {

  /** Everybody, in the clear, no other origin. */
  public static final Access OPEN =
      new Access(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Set.of());

  private static final int SHORTEST_TOKEN = 16;

  private static final int LONGEST_TOKEN_LINE = 4096;

  /**
   * TLS 1.3's, which all are forward secret, and of TLS 1.2's those that are and that authenticate
   * what they encrypt (RFC 9325): a key that leaks later opens nothing that was sent before.
   */
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** Checks that certificate and key come together, and that token and origin can be sent. */
  public Access {
    Objects.requireNonNull(corsOrigin, "corsOrigin");
    hosts = Set.copyOf(hosts);
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException("TLS needs a certificate and a key, not one of them");
    }
    if (token.isPresent() && !token.get().matches("[\\x21-\\x7e]{" + SHORTEST_TOKEN + ",1024}")) {
      throw new IllegalArgumentException(
          "the token is not " + SHORTEST_TOKEN + " to 1024 printable characters without spaces");
    }
    if (corsOrigin.isPresent()
        && !corsOrigin.get().matches("\\*|https?://[\\x21-\\x7e&&[^/?#]]+")) {
      throw new IllegalArgumentException(
          "the origin '"
              + corsOrigin.get()
              + "' is neither * nor like https://example.org, without a path");
    }
    for (String host : hosts) {
      if (!host.matches("\\*|[A-Za-z0-9._-]+") && !NetUtil.isValidIpV6Address(host)) {
        throw new IllegalArgumentException(
            "the host '" + host + "' is neither * nor a name like example.org, without a port");
      }
    }
  }

  /** This, over TLS. */
  public Access withTls(Path chain, Path privateKey) {
    return new Access(Optional.of(chain), Optional.of(privateKey), token, corsOrigin, hosts);
  }

  /** This, for those who know a token of at least 16 characters. */
  public Access withToken(String secret) {
    return new Access(certificate, key, Optional.of(secret), corsOrigin, hosts);
  }

  /**
   * This, for those who know the token on the first line of a file, or of a pipe.
   *
   * @throws IOException if it cannot be read, or there is no token
   */
  public Access withTokenFile(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(LONGEST_TOKEN_LINE);
    } catch (IOException e) {
      throw new IOException("cannot read the token file " + file + ": " + FileProblem.reason(e), e);
    }
    int end = 0;
    while (end < start.length && start[end] != '\n' && start[end] != '\r') {
      end++;
    }
    String token;
    try {
      ByteBuffer line = ByteBuffer.wrap(start, 0, end);
      token = StandardCharsets.UTF_8.newDecoder().decode(line).toString().strip();
    } catch (CharacterCodingException e) {
      throw new IOException("the token file " + file + " is not UTF-8", e);
    }
    if (token.isEmpty()) {
      throw new IOException("the token file " + file + " has nothing on its first line");
    }
    try {
      return withToken(token);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage() + ", in " + file, e);
    }
  }

  /** This, for the pages of an origin too. */
  public Access withCorsOrigin(String origin) {
    return new Access(certificate, key, token, Optional.of(origin), hosts);
  }

  /** This, for requests that call the server one of these names too. */
  public Access withHosts(Set<String> names) {
    return new Access(certificate, key, token, corsOrigin, names);
  }

  /** {@return what TLS needs; empty without TLS} */
  Optional<SslContext> tls() throws IOException {
    return tls(builder -> builder);
  }

  /** {@return what TLS needs under gRPC, which agrees on HTTP/2 in it; empty without TLS} */
  Optional<SslContext> grpcTls() throws IOException {
    return tls(builder -> GrpcSslContexts.configure(builder, SslProvider.JDK));
  }

  private Optional<SslContext> tls(UnaryOperator<SslContextBuilder> protocol) throws IOException {
    if (certificate.isEmpty()) {
      return Optional.empty();
    }
    for (Path file : new Path[] {certificate.get(), key.orElseThrow()}) {
      if (!Files.isReadable(file)) {
        throw new IOException("cannot read " + file);
      }
    }
    try {
      return Optional.of(
          protocol
              .apply(
                  SslContextBuilder.forServer(
                      certificate.get().toFile(), key.orElseThrow().toFile()))
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
              .build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException(
          "no TLS with certificate "
              + certificate.get()
              + " and key "
              + key.get()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Hides the token, since records are easily logged. */
  @Override
  public String toString() {
    return "Access[certificate="
        + certificate
        + ", token="
        + (token.isPresent() ? "set" : "none")
        + ", corsOrigin="
        + corsOrigin
        + ", hosts="
        + hosts
        + "]";
  }
}
