package dev.djinn.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The load generator wrk with one thread, sending what {@code infer.lua} makes. */
record Wrk(Path script, int latentSize) {

  /** {@return requests a second, with their latency} */
  Rate run(String url, int connections, double seconds, int rows, String form) throws Exception {
    List<String> command =
        List.of(
            "wrk",
            "-t1",
            "-c" + connections,
            "-d" + (int) Math.ceil(seconds) + "s",
            "--timeout",
            "10s",
            "-s",
            script.toString(),
            url,
            "--",
            Integer.toString(rows),
            Integer.toString(latentSize),
            form);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("wrk failed: " + said);
    }
    String[] words =
        said.lines()
            .filter(line -> line.startsWith("measured "))
            .findFirst()
            .orElseThrow(() -> new IOException("wrk says nothing: " + said))
            .split(" ", -1);
    if (!words[5].equals("0")) {
      throw new IOException(words[5] + " requests failed at " + url + ": " + said);
    }
    double took = Long.parseLong(words[2]) / 1e6;
    return new Rate(
        Long.parseLong(words[1]) / took,
        Long.parseLong(words[3]) / 1e3,
        Long.parseLong(words[4]) / 1e3);
  }
}
