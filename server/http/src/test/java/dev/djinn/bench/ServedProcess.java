package dev.djinn.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@code djinn serve} in a process of its own, as users start it. */
final class ServedProcess implements AutoCloseable {
  private final Process process;
  private final double readySeconds;
  private final String address;

  /** Starts it and waits until it says that it is ready. */
  ServedProcess(Path launcher, Path models, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(launcher.toString(), "serve", models.toString(), "--port", "0"));
    command.addAll(List.of(options));
    long start = System.nanoTime();
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder before = new StringBuilder();
    String line = said.readLine();
    while (line != null && !line.startsWith("serving ")) {
      before.append(line).append('\n');
      line = said.readLine();
    }
    readySeconds = (System.nanoTime() - start) / 1e9;
    if (line == null) {
      process.destroy();
      throw new IOException("the server did not start: " + before);
    }
    address = line.substring(line.indexOf(" at ") + 4);
    Thread reader = new Thread(() -> pass(said));
    reader.setDaemon(true);
    reader.start();
  }

  /** Passes on what the server says, until its end. */
  private static void pass(BufferedReader said) {
    try {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        System.out.println("the server says: " + line);
      }
    } catch (IOException e) {
      // Its output is closed when it is told to stop.
    }
  }

  /** {@return from the start of the process to its word that it is ready} */
  double readySeconds() {
    return readySeconds;
  }

  String address() {
    return address;
  }

  long pid() {
    return process.pid();
  }

  /** {@return resident memory in MB of 10⁶ bytes} */
  double residentMegabytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
      }
    }
    throw new IOException("no VmRSS for process " + pid());
  }

  /** Sends SIGTERM, if it still runs, and gives its exit code. */
  int stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(40, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("the server did not stop within 40 s");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
