package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloaderTest {
  private final byte[] content = new byte[300_000];
  private final List<String> log = new ArrayList<>();
  private final List<String> ranges = new ArrayList<>();

  @TempDir Path folder;
  private HttpServer server;
  private RemoteFile file;

  @BeforeEach
  void start() throws Exception {
    new Random(7).nextBytes(content);
    String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    file = new RemoteFile("data.gz", content.length, sha);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void fetchesAndNamesTheFileOnlyWhenItIsWhole() throws IOException {
    serve("/a/", exchange -> send(exchange, content, content.length));
    Path got = downloader("/a/").fetch(file, folder.resolve("new/folder"));
    assertArrayEquals(content, Files.readAllBytes(got));
    assertEquals(List.of("data.gz"), Arrays.asList(got.getParent().toFile().list()));
    assertTrue(log.contains("data.gz: downloading 0.3 MB"), log.toString());
    assertTrue(log.stream().anyMatch(line -> line.matches("data.gz: \\d+ %")), log.toString());
  }

  @Test
  void doesNotFetchWhatIsThere() throws IOException {
    Files.write(folder.resolve("data.gz"), content);
    Path got = downloader("/nowhere/").fetch(file, folder);
    assertArrayEquals(content, Files.readAllBytes(got));
  }

  @Test
  void goesOnAfterACutConnection() throws IOException {
    serve("/a/", exchange -> send(exchange, content, 100_000));
    Path got = downloader("/a/").fetch(file, folder);
    assertArrayEquals(content, Files.readAllBytes(got));
    assertEquals(3, ranges.size());
    assertEquals("none", ranges.get(0));
    assertTrue(ranges.get(1).matches("bytes=[1-9]\\d*-"), ranges.toString());
    assertTrue(
        log.stream().anyMatch(line -> line.startsWith("data.gz: going on after 0.1 MB")),
        log.toString());
  }

  @Test
  void goesOnFromWhatAnEarlierRunLeft() throws IOException {
    Files.write(folder.resolve("data.gz.part"), Arrays.copyOf(content, 250_000));
    serve("/a/", exchange -> send(exchange, content, content.length));
    Path got = downloader("/a/").fetch(file, folder);
    assertArrayEquals(content, Files.readAllBytes(got));
    assertEquals(List.of("bytes=250000-"), ranges);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 300_000, 400_000})
  void startsAgainWhenWhatAnEarlierRunLeftIsWrong(int length) throws IOException {
    Files.write(folder.resolve("data.gz.part"), new byte[length]);
    serve("/a/", exchange -> send(exchange, content, content.length));
    assertArrayEquals(content, Files.readAllBytes(downloader("/a/").fetch(file, folder)));
  }

  @Test
  void startsAgainWhenTheMirrorIgnoresTheRange() throws IOException {
    Files.write(folder.resolve("data.gz.part"), new byte[1000]);
    serve(
        "/a/",
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
        });
    assertArrayEquals(content, Files.readAllBytes(downloader("/a/").fetch(file, folder)));
  }

  @Test
  void takesTheNextMirrorAfterAWrongChecksumAndKeepsNothingOfTheFirst() throws IOException {
    byte[] other = content.clone();
    other[5] ^= 1;
    serve("/bad/", exchange -> send(exchange, other, other.length));
    serve("/good/", exchange -> send(exchange, content, content.length));
    Path got = downloader("/bad/", "/good/").fetch(file, folder);
    assertArrayEquals(content, Files.readAllBytes(got));
    assertEquals(List.of("none", "none"), ranges);
  }

  @Test
  void saysWhatEachMirrorDid() throws IOException {
    byte[] other = content.clone();
    other[5] ^= 1;
    serve("/bad/", exchange -> send(exchange, other, other.length));
    serve("/long/", exchange -> send(exchange, new byte[400_000], 400_000));
    serve("/cut/", exchange -> send(exchange, content, 0));
    serve("/missing/", exchange -> exchange.sendResponseHeaders(404, -1));
    DataException e =
        assertThrows(
            DataException.class,
            () -> downloader("/bad/", "/long/", "/cut/", "/missing/").fetch(file, folder));
    String message = e.getMessage();
    assertTrue(message.startsWith("data.gz could not be downloaded: http://"), message);
    assertTrue(message.contains("/bad/data.gz: checksum is "), message);
    assertTrue(
        message.contains("/long/data.gz: sends more than the 300000 bytes expected"), message);
    assertTrue(message.contains("/cut/data.gz: "), message);
    assertTrue(message.endsWith("/missing/data.gz: HTTP status 404"), message);
    assertFalse(message.contains("\n"), message);
    assertFalse(Files.exists(folder.resolve("data.gz")));
  }

  @Test
  void saysThatNobodyAnswers() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    Downloader downloader =
        new Downloader(List.of(URI.create("http://127.0.0.1:" + closed + "/")), log::add);
    DataException e = assertThrows(DataException.class, () -> downloader.fetch(file, folder));
    assertTrue(e.getMessage().endsWith("data.gz: connection refused"), e.getMessage());
    assertEquals(0, folder.toFile().list().length, "nothing arrived, so nothing is left");
  }

  @Test
  void givesUpOnAMirrorThatStalls() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      URI mirror = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
      Downloader downloader = new Downloader(List.of(mirror), log::add, Duration.ofMillis(100));
      DataException e = assertThrows(DataException.class, () -> downloader.fetch(file, folder));
      assertTrue(e.getMessage().endsWith("data.gz: no answer in time"), e.getMessage());
    }
  }

  @Test
  void refusesASecondDownloadIntoTheSameFile() throws IOException {
    Path part = folder.resolve("data.gz.part");
    try (FileChannel other =
            FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = other.lock()) {
      assertTrue(lock.isValid());
      DataException e =
          assertThrows(DataException.class, () -> downloader("/a/").fetch(file, folder));
      assertEquals(part + " is being downloaded by another djinn: wait for it", e.getMessage());
      assertTrue(Files.exists(part), "the other's file is gone");
    }
  }

  private Downloader downloader(String... paths) {
    List<URI> mirrors =
        Arrays.stream(paths)
            .map(path -> URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path))
            .toList();
    return new Downloader(mirrors, log::add, Duration.ofSeconds(10));
  }

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private void serve(String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          ranges.add(range == null ? "none" : range);
          try {
            answer.to(exchange);
          } finally {
            exchange.close();
          }
        });
  }

  /** Answers a range as a web server does, but closes the connection after so many bytes. */
  private static void send(HttpExchange exchange, byte[] bytes, int most) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
    if (range != null) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
    exchange.getResponseBody().write(bytes, from, Math.min(most, bytes.length - from));
    exchange.getResponseBody().flush();
  }
}
