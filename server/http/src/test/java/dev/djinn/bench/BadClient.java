package dev.djinn.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** Does one bad thing after another to a server, and complains of answers it should not get. */
final class BadClient {
  private static final String INFER = "/v2/models/digits/infer";

  /** What a bad request may be answered with; never 500. */
  private static final Set<Integer> FINE =
      Set.of(200, 304, 400, 403, 404, 405, 406, 408, 411, 413, 414, 415, 417, 431, 501, 503, 505);

  private final int port;
  private final Random random;
  private final Collection<Long> waits;
  private final byte[] bomb;
  private final byte[] members;
  private final byte[] valid;
  private final int validJson;

  /**
   * Makes a client.
   *
   * @param waits takes the nanoseconds that each answer took from the request's last byte on
   */
  BadClient(int port, long seed, Collection<Long> waits) throws IOException {
    this.port = port;
    this.waits = waits;
    this.random = new Random(seed);
    this.bomb = zeros(80 << 20);
    this.members = members(15_000);
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
      switch (random.nextInt(17)) {
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
          check("slow writer", hear(wire), Set.of(200, 503));
          return "slow writer";
        }
        case 3 -> {
          wire.socket.setReceiveBufferSize(4096);
          wire.post("/v2/models/digits/generate", -1, bytes("{\"count\":3000,\"format\":\"raw\"}"));
          Thread.sleep(2000);
          check("slow reader", hear(wire), Set.of(200, 503));
          return "slow reader";
        }
        case 4 -> {
          byte[] noise = new byte[1 + random.nextInt(4000)];
          random.nextBytes(noise);
          try {
            wire.send(noise).socket.shutdownOutput();
            Wire.Answer answer = hear(wire);
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
          check("oversize", hear(wire), Set.of(413));
          return "oversize";
        }
        case 6 -> {
          String deep = random.nextBoolean() ? "[" : "{\"a\":";
          wire.post(INFER, -1, bytes("{\"inputs\":" + deep.repeat(100_000)));
          check("deep JSON", hear(wire), Set.of(400, 503));
          return "deep JSON";
        }
        case 7 -> {
          byte[] wrong = valid.clone();
          wire.post(INFER, random.nextInt(2 * valid.length), wrong);
          check("wrong length", hear(wire), FINE);
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
          check("gzip bomb", hear(wire), Set.of(413, 503));
          return "gzip bomb";
        }
        case 9 -> {
          byte[] mutated = valid.clone();
          for (int i = random.nextInt(8); i >= 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
          }
          wire.post(INFER, validJson, mutated);
          check("mutated request", hear(wire), FINE);
          return "mutated request";
        }
        case 10 -> {
          wire.send(
              "POST "
                  + INFER
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: "
                  + members.length
                  + "\r\n\r\n");
          wire.send(members);
          check("gzip members", hear(wire), Set.of(400, 503));
          return "gzip members";
        }
        case 11 -> {
          String latent = "50" + ",0".repeat(9);
          wire.post("/v2/models/endless/generate", -1, bytes("{\"latent\":\"" + latent + "\"}"));
          check("endless model", hear(wire), Set.of(503));
          return "endless model";
        }
        case 12 -> {
          wire.post(
              "/v2/models/endless/generate",
              -1,
              bytes("{\"latent\":\"50" + ",0".repeat(9) + "\"}"));
          Thread.sleep(random.nextInt(300));
          wire.cut();
          return "endless model, cut";
        }
        case 13 -> {
          wire.socket.setReceiveBufferSize(32 << 10);
          String form = random.nextBoolean() ? "raw" : "png";
          wire.post(
              "/v2/models/digits/generate",
              -1,
              bytes("{\"count\":4096,\"format\":\"" + form + "\"}"));
          Thread.sleep(random.nextInt(4000));
          check("slow big asker", hear(wire), Set.of(200, 503));
          return "slow big asker";
        }
        case 14 -> {
          wire.post("/v2/models/guest/generate", -1, bytes("{\"count\":1,\"format\":\"raw\"}"));
          check("guest", hear(wire), Set.of(200, 404, 503));
          return "model that comes and goes";
        }
        case 15 -> {
          wire.send("GET /v2/models HTTP/1.1\r\nHost: evil.example:" + port + "\r\n\r\n");
          check("another's host", hear(wire), Set.of(403));
          return "another's host";
        }
        default -> {
          for (int i = 0; i < 50; i++) {
            wire.post(INFER, validJson, valid);
          }
          check("pipeline", hear(wire), Set.of(200, 503));
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

  private Wire.Answer hear(Wire wire) throws IOException {
    long start = System.nanoTime();
    Wire.Answer answer = wire.answer();
    waits.add(System.nanoTime() - start);
    return answer;
  }

  private static byte[] members(int count) throws IOException {
    byte[] empty = zeros(0);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      all.write(empty);
    }
    return all.toByteArray();
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
