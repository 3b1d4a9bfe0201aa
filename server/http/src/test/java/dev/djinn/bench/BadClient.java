package dev.djinn.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** Does one bad thing after another to a server, and complains of answers it should not get. */
final class BadClient {
  private static final String INFER = "/v2/models/digits/infer";

  /** What a bad request may be answered with; never 500. */
  private static final Set<Integer> FINE =
      Set.of(200, 304, 400, 404, 405, 406, 408, 411, 413, 414, 415, 417, 431, 501, 503, 505);

  private final int port;
  private final Random random;
  private final byte[] bomb;
  private final byte[] valid;
  private final int validJson;

  BadClient(int port, long seed) throws IOException {
    this.port = port;
    this.random = new Random(seed);
    this.bomb = zeros(80 << 20);
    String json =
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[1,100],"
            + "\"parameters\":{\"binary_data_size\":400}}],\"outputs\":[{\"name\":\"pixels\"}]}";
    validJson = json.length();
    valid = new byte[validJson + 400];
    System.arraycopy(json.getBytes(StandardCharsets.US_ASCII), 0, valid, 0, validJson);
  }

  /** Does one thing and gives its name. */
  String act() throws IOException, InterruptedException {
    try (Wire wire = new Wire(port)) {
      switch (random.nextInt(11)) {
        case 0 -> {
          wire.send(
              "POST " + INFER + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{\"in");
          wire.cut();
          return "half a request, cut";
        }
        case 1 -> {
          wire.post("/v2/models/digits/generate", -1, bytes("{\"count\":200,\"format\":\"raw\"}"));
          wire.cut();
          return "request, cut before its answer";
        }
        case 2 -> {
          byte[] slow =
              bytes("GET /v2/models/digits/samples?count=4 HTTP/1.1\r\nHost: localhost\r\n\r\n");
          for (byte b : slow) {
            wire.send(new byte[] {b});
            Thread.sleep(10);
          }
          check("slow writer", wire.answer(), Set.of(200, 503));
          return "slow writer";
        }
        case 3 -> {
          wire.socket.setReceiveBufferSize(4096);
          wire.post("/v2/models/digits/generate", -1, bytes("{\"count\":3000,\"format\":\"raw\"}"));
          Thread.sleep(2000);
          check("slow reader", wire.answer(), Set.of(200, 503));
          return "slow reader";
        }
        case 4 -> {
          byte[] noise = new byte[1 + random.nextInt(4000)];
          random.nextBytes(noise);
          try {
            wire.send(noise).socket.shutdownOutput();
            Wire.Answer answer = wire.answer();
            if (answer != null) { // There is none to what is not even a line.
              check("random bytes", answer, FINE);
            }
          } catch (SocketException e) {
            return "random bytes, reset by the server";
          }
          return "random bytes";
        }
        case 5 -> {
          wire.send(
              "POST "
                  + INFER
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n{");
          check("oversize", wire.answer(), Set.of(413));
          return "oversize";
        }
        case 6 -> {
          String deep = random.nextBoolean() ? "[" : "{\"a\":";
          wire.post(INFER, -1, bytes("{\"inputs\":" + deep.repeat(100_000)));
          check("deep JSON", wire.answer(), Set.of(400, 503));
          return "deep JSON";
        }
        case 7 -> {
          byte[] wrong = valid.clone();
          wire.post(INFER, random.nextInt(2 * valid.length), wrong);
          check("wrong length", wire.answer(), FINE);
          return "wrong length";
        }
        case 8 -> {
          wire.send(
              "POST "
                  + INFER
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: "
                  + bomb.length
                  + "\r\n\r\n");
          wire.send(bomb);
          check("gzip bomb", wire.answer(), Set.of(413, 503));
          return "gzip bomb";
        }
        case 9 -> {
          byte[] mutated = valid.clone();
          for (int i = random.nextInt(8); i >= 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
          }
          wire.post(INFER, validJson, mutated);
          check("mutated request", wire.answer(), FINE);
          return "mutated request";
        }
        default -> {
          for (int i = 0; i < 50; i++) {
            wire.post(INFER, validJson, valid);
          }
          check("pipeline", wire.answer(), Set.of(200, 503));
          wire.cut();
          return "pipeline, cut";
        }
      }
    }
  }

  private static void check(String what, Wire.Answer answer, Set<Integer> fine) throws IOException {
    if (answer == null) {
      throw new IOException(what + " was not answered");
    }
    if (!fine.contains(answer.status())) {
      String body = new String(answer.body(), StandardCharsets.UTF_8);
      throw new IOException(what + " was answered " + answer.status() + ": " + body);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] zeros(int size) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      byte[] part = new byte[1 << 16];
      for (int i = 0; i < size; i += part.length) {
        gzip.write(part);
      }
    }
    return packed.toByteArray();
  }
}
