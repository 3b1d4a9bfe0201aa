package dev.djinn.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** The content codings gzip, deflate (which is zlib's format) and identity. */
enum Compression {
  IDENTITY,
  GZIP,
  DEFLATE;

  /** Below this a compressed answer is not worth its work. */
  private static final int SMALLEST = 512;

  /** {@return the coding's name in HTTP} */
  String token() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Inflates a request's body, as {@link Inflation} bounds it.
   *
   * @param coding the header Content-Encoding, null without one
   * @param limit most bytes it may inflate to
   * @param room is asked for as many bytes as it does, before they are taken
   */
  static byte[] inflate(String coding, byte[] body, int limit, Inflation.Room room)
      throws RequestException {
    Compression compression = parse(coding == null ? "identity" : coding.trim());
    if (compression == IDENTITY) {
      return body;
    }
    try {
      return new Inflation(body, limit, room).run(compression == GZIP);
    } catch (DataFormatException e) {
      String reason = e.getMessage() == null ? "its data are damaged" : e.getMessage();
      throw RequestException.bad(
          "the body is not " + compression.token() + " as Content-Encoding says: " + reason);
    }
  }

  /**
   * Chooses the coding of an answer: the highest q of those we have, and the plain one where they
   * tie.
   *
   * @param accepted the header Accept-Encoding, null without one
   */
  static Compression choose(String accepted) {
    if (accepted == null) {
      return IDENTITY;
    }
    Map<String, Double> weights = Preferences.of(accepted);
    double others = weights.getOrDefault("*", 0.0);
    Compression best = IDENTITY;
    // Unless it is named, plain is what remains when nothing else is wanted.
    double highest = weights.getOrDefault("identity", 0.0);
    for (Compression compression : List.of(GZIP, DEFLATE)) {
      double old = weights.getOrDefault("x-" + compression.token(), others);
      double weight = weights.getOrDefault(compression.token(), old);
      if (weight > highest) {
        best = compression;
        highest = weight;
      }
    }
    return best;
  }

  /** Compresses an answer's body where the client wants it and it may help. */
  static Reply apply(Compression compression, Reply reply) {
    boolean helps = reply.type().equals(Reply.JSON) || reply.type().equals(Reply.BINARY);
    if (compression == IDENTITY || !helps || reply.length() < SMALLEST) {
      return reply;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) (reply.length() / 2));
    try (OutputStream out = compression.writer(bytes)) {
      for (byte[] part : reply.body()) {
        out.write(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("compressing in memory failed", e);
    }
    return reply
        .withBody(List.of(bytes.toByteArray()))
        .with("Content-Encoding", compression.token());
  }

  private static Compression parse(String coding) throws RequestException {
    return switch (coding.toLowerCase(Locale.ROOT)) {
      case "identity", "" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default ->
          throw new RequestException(
              415,
              "Content-Encoding '" + coding + "' is none of gzip, deflate, identity",
              Map.of("Accept-Encoding", "gzip, deflate"));
    };
  }

  private OutputStream writer(OutputStream out) throws IOException {
    // The fastest level: pictures of noise do not shrink, and everything else shrinks enough.
    return this == GZIP
        ? new GZIPOutputStream(out, 8192) {
          {
            def.setLevel(Deflater.BEST_SPEED);
          }
        }
        : new DeflaterOutputStream(out, new Deflater(Deflater.BEST_SPEED), 8192) {
          @Override
          public void close() throws IOException {
            super.close();
            def.end();
          }
        };
  }
}
