package dev.djinn.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.djinn.files.FileProblem;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves a page over a folder of runs, on the loopback address alone.
 *
 * <pre>{@code
 * try (WatchServer server = WatchServer.open(Path.of("runs"), 8090)) {
 *   System.err.println(server.address());
 *   server.await();
 * }
 * }</pre>
 *
 * <p>It reads what the folders hold and writes nothing but what a {@link dev.djinn.run.RunRequest}
 * is, and that only for the page's own token. Requests that name another host or come from another
 * origin's page are refused, so that no page of the internet can read or steer a run.
 */
public final class WatchServer implements AutoCloseable {
  private static final int THREADS = 4;

  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  /** A page asks every second; one that asked so lately is shown the end before it is left. */
  private static final long ASKED_LATELY = TimeUnit.SECONDS.toNanos(5);

  private static final long LAST_LOOK_MILLIS = 2500;

  private final HttpServer server;
  private final ExecutorService workers;
  private final WatchAccess access;
  private final WatchAnswers answers;
  private final AtomicLong asked = new AtomicLong(System.nanoTime() - ASKED_LATELY);

  private WatchServer(HttpServer server, ExecutorService workers, Path root) {
    this.server = server;
    this.workers = workers;
    this.access = new WatchAccess(server.getAddress().getPort());
    this.answers = new WatchAnswers(new RunsFolder(root), access.token());
  }

  /**
   * Opens the page over a folder.
   *
   * @param root a run or a folder of runs; it need not exist yet
   * @param port on loopback, 0 for any that is free
   * @return a server that answers until it is closed
   * @throws IOException if the port is taken, or the folder is none
   */
  public static WatchServer open(Path root, int port) throws IOException {
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw new IOException(root + " is a file; give a run's folder, or a folder of runs");
    }
    // Without it each small answer would wait 40 ms for an acknowledgement.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
    HttpServer http;
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), 0);
    } catch (BindException e) {
      BindException told =
          new BindException("port " + port + " is taken or not allowed; choose another --port");
      told.initCause(e);
      throw told;
    }
    ExecutorService workers =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "watch");
              thread.setDaemon(true);
              return thread;
            });
    WatchServer server = new WatchServer(http, workers, real(root));
    http.setExecutor(workers);
    http.createContext("/", server::handle);
    http.start();
    return server;
  }

  /**
   * The same, on any free port if this one is taken: what is trained does not wait for a port.
   *
   * @param root a run or a folder of runs; it need not exist yet
   * @param port on loopback
   * @return a server that answers until it is closed
   * @throws IOException if no port is free, or the folder is none
   */
  public static WatchServer openNear(Path root, int port) throws IOException {
    try {
      return open(root, port);
    } catch (BindException e) {
      return open(root, 0);
    }
  }

  private static Path real(Path root) throws IOException {
    return Files.exists(root) ? root.toRealPath() : root.toAbsolutePath().normalize();
  }

  /** {@return where the page is} */
  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.set(System.nanoTime());
      WatchReply reply;
      try {
        reply = access.refusal(exchange).orElse(null);
        if (reply == null) {
          reply = answers.of(exchange, access);
        }
      } catch (NoSuchFileException e) {
        // It was there a moment ago: a run that is written anew, or deleted.
        reply = WatchReply.text(404, "no longer there: " + Path.of(e.getFile()).getFileName());
      } catch (IOException e) {
        reply = WatchReply.text(500, "cannot read the run: " + FileProblem.reason(e));
      } catch (RuntimeException e) {
        reply = WatchReply.text(500, "cannot answer: " + e);
      }
      reply.send(exchange);
    }
  }

  /**
   * Waits until the thread is interrupted.
   *
   * @throws InterruptedException when it is
   */
  public void await() throws InterruptedException {
    while (true) {
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  /**
   * Waits until pages that are open have seen how a run has ended, which takes them seconds;
   * without one it does not wait.
   */
  public void showEnd() {
    if (System.nanoTime() - asked.get() < ASKED_LATELY) {
      try {
        Thread.sleep(LAST_LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
