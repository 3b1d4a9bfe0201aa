package dev.djinn.data;

import dev.djinn.files.FileProblem;
import dev.djinn.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fetches files over HTTP. What has arrived waits in {@code name.part}, also after a failure or a
 * kill, and the next attempt goes on from there; the file takes its name only once its checksum is
 * right.
 */
final class Downloader {
  private static final int ATTEMPTS_PER_MIRROR = 3;
  private static final int PROGRESS_PERCENT = 10;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final List<URI> mirrors;
  private final Consumer<String> log;
  private final Duration timeout;

  Downloader(List<URI> mirrors, Consumer<String> log) {
    this(mirrors, log, Duration.ofSeconds(30));
  }

  /**
   * @param timeout how long to wait for a connection, and for the next bytes of a response
   */
  Downloader(List<URI> mirrors, Consumer<String> log, Duration timeout) {
    this.mirrors = mirrors;
    this.log = log;
    this.timeout = timeout;
  }

  /**
   * Fetches a file into a folder, which is made if need be, trying each mirror a few times.
   *
   * @return where it is now
   * @throws DataException if no mirror gives it; says what went wrong with each
   */
  Path fetch(RemoteFile file, Path folder) {
    Path target = folder.resolve(file.name());
    try {
      if (Files.exists(target) && Sha256.of(target).equals(file.sha256())) {
        return target;
      }
      Files.createDirectories(folder);
      Path part = folder.resolve(file.name() + ".part");
      try (FileChannel out =
          FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock(out, part); // held until the channel closes
        try {
          fill(out, part, file);
          out.force(true);
        } finally {
          // Only under the lock: another download's file is empty, too, until it has an answer.
          if (out.size() == 0) {
            Files.deleteIfExists(part);
          }
        }
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      return target;
    } catch (IOException e) {
      throw new DataException(
          "%s cannot be written: %s".formatted(target, FileProblem.reason(e)), e);
    }
  }

  /** Two downloads into one file would mix their bytes. */
  private static void lock(FileChannel out, Path part) throws IOException {
    FileLock lock;
    try {
      lock = out.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new DataException(
          "%s is being downloaded by another djinn: wait for it".formatted(part));
    }
  }

  private void fill(FileChannel out, Path part, RemoteFile file) throws IOException {
    List<String> failures = new ArrayList<>();
    if (out.size() > file.length()) {
      out.truncate(0);
    }
    for (URI mirror : mirrors) {
      URI address = mirror.resolve(file.name());
      for (int attempt = 1; attempt <= ATTEMPTS_PER_MIRROR; attempt++) {
        try {
          boolean pieced = out.size() == file.length() || receive(address, out, file);
          String checksum = Sha256.of(part);
          if (checksum.equals(file.sha256())) {
            return;
          }
          out.truncate(0);
          String wrong = "checksum is %s, expected %s".formatted(checksum, file.sha256());
          // Pieces of an earlier run may be to blame; a mirror's whole file will not change.
          throw pieced ? new IOException(wrong) : new Refused(wrong);
        } catch (Refused e) {
          failures.add("%s: %s".formatted(address, e.getMessage()));
          break;
        } catch (DiskFailure e) {
          throw e.failure;
        } catch (IOException e) {
          if (attempt == ATTEMPTS_PER_MIRROR) {
            failures.add("%s: %s".formatted(address, FileProblem.reason(e)));
          } else {
            log.accept("%s: %s; trying again".formatted(file.name(), FileProblem.reason(e)));
          }
        }
      }
    }
    throw new DataException(
        "%s could not be downloaded: %s".formatted(file.name(), String.join("; ", failures)));
  }

  /**
   * Asks for what is missing and appends it.
   *
   * @return whether what was there before is part of the file
   */
  private boolean receive(URI address, FileChannel out, RemoteFile file) throws IOException {
    long have = out.size();
    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
    connection.setConnectTimeout((int) timeout.toMillis());
    connection.setReadTimeout((int) timeout.toMillis());
    if (have > 0) {
      connection.setRequestProperty("Range", "bytes=" + have + "-");
    }
    try {
      int status = connection.getResponseCode();
      if (status == HttpURLConnection.HTTP_PARTIAL && continues(connection, have)) {
        log.accept("%s: going on after %s".formatted(file.name(), megabytes(have)));
      } else if (status == HttpURLConnection.HTTP_OK) {
        have = 0;
        out.truncate(0);
      } else if (status == RANGE_NOT_SATISFIABLE) {
        out.truncate(0);
        throw new IOException("the mirror's file is shorter than what is here already");
      } else {
        throw new Refused("HTTP status " + status);
      }
      out.position(have);
      try (InputStream in = connection.getInputStream()) {
        append(in, out, file);
      }
    } finally {
      connection.disconnect();
    }
    if (out.size() < file.length()) {
      throw new IOException(
          "connection closed after %d of %d bytes".formatted(out.size(), file.length()));
    }
    return have > 0;
  }

  private static boolean continues(HttpURLConnection connection, long have) {
    String range = connection.getHeaderField("Content-Range");
    return range != null && range.startsWith("bytes " + have + "-");
  }

  private void append(InputStream in, FileChannel out, RemoteFile file) throws IOException {
    log.accept("%s: downloading %s".formatted(file.name(), megabytes(file.length())));
    byte[] buffer = new byte[1 << 16];
    long said = out.position() * 100 / file.length();
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      if (out.position() + n > file.length()) {
        out.truncate(0);
        throw new Refused("sends more than the %d bytes expected".formatted(file.length()));
      }
      try {
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
      } catch (IOException e) {
        throw new DiskFailure(e);
      }
      long percent = out.position() * 100 / file.length();
      if (percent >= said + PROGRESS_PERCENT) {
        said = percent;
        log.accept("%s: %d %%".formatted(file.name(), percent));
      }
    }
  }

  private static String megabytes(long bytes) {
    return "%.1f MB".formatted(bytes / 1e6);
  }

  /** A mirror's answer that asking again will not change. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /** This machine's fault, so no other mirror will help. */
  private static final class DiskFailure extends IOException {
    private static final long serialVersionUID = 1;
    private final transient IOException failure;

    DiskFailure(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }
}
