package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFamilyTest {
  private static final byte[] IMAGES = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4};
  private static final byte[] LABELS = {0, 0, 8, 1, 0, 0, 0, 2, 1, 0};

  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();

  @Test
  void looksInTheGivenFolderBeforeTheCache() throws IOException {
    put(folder.resolve("cache/data/tiny"));
    Path given = put(folder.resolve("given"));
    DataOptions options = options().withFolder(given);
    assertEquals(
        given.resolve("train-images-idx3-ubyte"),
        tiny("").find(IdxFamily.Half.TRAIN, options).get().images());
    Path named = put(given.resolve("tiny"));
    assertEquals(
        named.resolve("train-images-idx3-ubyte"),
        tiny("").find(IdxFamily.Half.TRAIN, options).get().images());
  }

  @Test
  void doesNotTakeAFolderThatIsNamedAfterAnotherSet() throws IOException {
    Path given = put(folder.resolve("fashion-mnist"));
    put(folder.resolve("cache/data/tiny"));
    assertEquals(
        folder.resolve("cache/data/tiny/train-images-idx3-ubyte"),
        tiny("").find(IdxFamily.Half.TRAIN, options().withFolder(given)).get().images());
    assertEquals(
        given.resolve("train-images-idx3-ubyte"),
        IdxFamily.FASHION.find(IdxFamily.Half.TRAIN, options().withFolder(given)).get().images());
  }

  @Test
  void refusesTheFilesOfAnotherSet() throws IOException {
    Path given = put(folder.resolve("given"));
    IdxFamily.Pair pair = IdxFamily.inFolder(given, IdxFamily.Half.TRAIN).get();
    IdxFamily tiny = tiny("");
    IdxFamily.MNIST.checkIsNot(IdxFamily.FASHION, pair);
    tiny.checkIsNot(tiny, pair);
    DataException e =
        assertThrows(DataException.class, () -> IdxFamily.MNIST.checkIsNot(tiny, pair));
    assertEquals(
        pair.images() + " is tiny's, not mnist's: name another folder, or tiny as the data",
        e.getMessage());
  }

  @Test
  void readsFromTheCacheAndSaysWhere() throws IOException {
    put(folder.resolve("cache/data/tiny"));
    ImageSet set = tiny("").open(IdxFamily.Half.TRAIN, options());
    assertArrayEquals(new byte[] {1, 2, 3, 4}, set.pixels());
    assertEquals(List.of("nought", "one"), set.classes());
    assertEquals(List.of("tiny: read from " + folder.resolve("cache/data/tiny")), log);
  }

  @Test
  void saysWhichFilesToPutWhereAndDownloadsNothingUnasked() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> tiny("http://127.0.0.1:1/").open(IdxFamily.Half.TEST, options()));
    assertEquals(
        "tiny-test is not on this machine: put t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte into "
            + folder.resolve("cache/data/tiny")
            + ", or run: djinn data tiny-test --download",
        e.getMessage());
  }

  @Test
  void saysWhatToDoWithoutAConnection() {
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                tiny("http://127.0.0.1:1/")
                    .open(IdxFamily.Half.TRAIN, options().withDownload(true)));
    assertTrue(
        e.getMessage().startsWith("tiny: train-images-idx3-ubyte could not be downloaded: "),
        e.getMessage());
    assertTrue(
        e.getMessage()
            .endsWith(
                "; without a connection, put train-images-idx3-ubyte and train-labels-idx1-ubyte into "
                    + folder.resolve("cache/data/tiny")),
        e.getMessage());
  }

  @Test
  void downloadsIntoTheCacheWhenAsked() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = exchange.getRequestURI().getPath().contains("images") ? IMAGES : LABELS;
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      String mirror = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
      assertEquals(
          2, tiny(mirror).open(IdxFamily.Half.TRAIN, options().withDownload(true)).count());
    } finally {
      server.stop(0);
    }
    assertEquals(2, tiny("").open(IdxFamily.Half.TRAIN, options()).count());
  }

  @Test
  void goesOnWithADownloadThatWasCutBetweenItsFiles() throws IOException {
    Path cache = folder.resolve("cache/data/tiny");
    Files.delete(put(cache).resolve("train-labels-idx1-ubyte"));
    DataException e =
        assertThrows(DataException.class, () -> tiny("").open(IdxFamily.Half.TRAIN, options()));
    assertTrue(e.getMessage().startsWith("tiny is not on this machine: "), e.getMessage());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    List<String> asked = new ArrayList<>();
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, LABELS.length);
          exchange.getResponseBody().write(LABELS);
          exchange.close();
        });
    server.start();
    try {
      String mirror = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
      DataOptions options = options().withDownload(true);
      assertEquals(2, tiny(mirror).open(IdxFamily.Half.TRAIN, options).count());
      assertEquals(List.of("/train-labels-idx1-ubyte"), asked);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void listsTheSetsBesideADownloadThatWasCut() throws IOException {
    Path cache = Files.createDirectories(folder.resolve("cache/data/mnist"));
    Files.write(cache.resolve("train-images-idx3-ubyte.gz"), IMAGES);
    DataSets.Known mnist =
        DataSets.known(options()).stream()
            .filter(known -> known.name().equals("mnist"))
            .findFirst()
            .orElseThrow();
    assertTrue(mnist.place().filter(place -> place.equals(cache.toString())).isEmpty());
  }

  @Test
  void namesTheLabelsThatAreMissing() throws IOException {
    Path given = put(folder.resolve("given"));
    Files.delete(given.resolve("train-labels-idx1-ubyte"));
    DataException e =
        assertThrows(
            DataException.class,
            () -> tiny("").open(IdxFamily.Half.TRAIN, options().withFolder(given)));
    assertEquals(
        given.resolve("train-images-idx3-ubyte")
            + ": the labels are missing: put train-labels-idx1-ubyte.gz beside it",
        e.getMessage());
  }

  @Test
  void readsDebiansFashionMnist() {
    assumeTrue(
        Files.isDirectory(Path.of("/usr/share/datasets/fashion-mnist")), "package not installed");
    ImageSet set = DataSets.open("fashion-mnist", options());
    assertEquals("fashion-mnist: 60000 images of 28x28x1, 10 classes", set.toString());
    for (int count : set.classCounts()) {
      assertEquals(6000, count);
    }
    assertEquals("Ankle boot", set.classes().get(set.labels()[0]));
  }

  private DataOptions options() {
    return DataOptions.defaults().withCache(folder.resolve("cache")).withLog(log::add);
  }

  private static Path put(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("train-images-idx3-ubyte"), IMAGES);
    Files.write(folder.resolve("train-labels-idx1-ubyte"), LABELS);
    return folder;
  }

  private static IdxFamily tiny(String mirror) {
    return new IdxFamily(
        "tiny",
        "two images",
        "a licence",
        List.of("nought", "one"),
        "",
        mirror.isEmpty() ? List.of() : List.of(URI.create(mirror)),
        List.of(
            remote("train-images-idx3-ubyte", IMAGES),
            remote("train-labels-idx1-ubyte", LABELS),
            remote("t10k-images-idx3-ubyte", IMAGES),
            remote("t10k-labels-idx1-ubyte", LABELS)));
  }

  private static RemoteFile remote(String name, byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new RemoteFile(name, bytes.length, HexFormat.of().formatHex(digest));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
