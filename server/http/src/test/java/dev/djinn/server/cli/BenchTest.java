package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.TestModels;
import dev.djinn.server.Access;
import dev.djinn.server.SamplerServer;
import dev.djinn.server.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {
  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeModels() {
    TestModels.write(folder.resolve("models/small/1"), TestModels.CONDITIONAL);
  }

  @Test
  void measuresAModelByWorkersAndBatch() {
    Path model = folder.resolve("models/small");
    assertEquals(0, run("bench", model, "--batch", "1,64", "--workers", 2, "--seconds", .4));
    List<String> lines = out.toString().lines().toList();
    assertEquals(model + " on cpu, 1 thread(s) a batch, 0.4 s each", lines.get(0));
    assertEquals(
        List.of("1 1", "1 64", "2 1", "2 64"),
        lines.stream()
            .skip(2)
            .map(line -> line.strip().split(" +", -1))
            .map(cells -> cells[0] + " " + cells[1])
            .toList());
    assertTrue(
        lines.stream()
            .skip(2)
            .allMatch(line -> Double.parseDouble(line.strip().split(" +", -1)[2]) > 0));
  }

  @Test
  void measuresAServerAsPerfAnalyzerDoes() throws IOException {
    try (SamplerServer server = serve(Access.OPEN)) {
      String address = server.address();
      assertEquals(0, run("bench", address, "--concurrency", "1,3", "--seconds", .4));
      String text = out.toString();
      assertTrue(text.startsWith(address + "/v2/models/small, [1] images a request"), text);
      for (String part :
          List.of(
              "Request concurrency: 3",
              "    Throughput: ",
              "    p99 latency: ",
              "    Avg request latency: ",
              "Concurrency: 1, throughput: ")) {
        assertTrue(text.contains(System.lineSeparator() + part), part + " is not in " + text);
      }
      long images = figure(text, "    Inference count: ");
      long batches = figure(text, "    Execution count: ");
      assertTrue(images > 0 && batches > 0 && batches <= images, text);
    }
  }

  @Test
  void printsCsvAndJsonOfAServerWithAToken() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    try (SamplerServer server = serve(Access.OPEN.withToken(TOKEN))) {
      String model = server.address() + "/v2/models/small";
      Object[] usual = {"bench", model, "--concurrency", 2, "--batch", 5, "--seconds", .4};
      assertEquals(1, run(usual));
      assertTrue(err.toString().startsWith("djinn: the server answered 401 "), err.toString());
      assertEquals(0, run(with(usual, "--token-file", token, "--csv")));
      String[] csv = out.toString().lines().toArray(String[]::new);
      assertEquals(2, csv.length);
      assertEquals(csv[0].split(",", -1).length, csv[1].split(",", -1).length);
      double[] row =
          Arrays.stream(csv[1].split(",", -1)).mapToDouble(Double::parseDouble).toArray();
      assertEquals(2, row[0]);
      assertEquals(5, row[1]);
      assertEquals(row[2], 5 * row[3], .5);
      out.getBuffer().setLength(0);
      assertEquals(0, run(with(usual, "--token-file", token, "--json")));
      assertTrue(out.toString().startsWith("{\"subject\":\"" + model), out.toString());
      assertTrue(out.toString().contains("\"concurrency\":2,\"batch\":5,"), out.toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--batch|0|2|--batch has 0, which is not between 1 and 65536",
        "--seconds|0|2|--seconds is 0.0, not between 0.05 and 3600",
        "--concurrency|4|2|--concurrency and --token-file are for a server; give its address"
      })
  void saysWhichOptionIsWrong(String option, String value, int code, String message) {
    assertEquals(code, run("bench", folder.resolve("models/small"), option, value));
    assertEquals(
        "djinn: " + message + " (see djinn bench --help)" + System.lineSeparator(), err.toString());
  }

  @Test
  void saysThatNoServerAnswers() throws IOException {
    String address;
    try (SamplerServer server = serve(Access.OPEN)) {
      address = server.address();
      assertEquals(1, run("bench", address + "/v2/models/other", "--seconds", .4));
      assertTrue(err.toString().contains("the server answered 404 Not Found"), err.toString());
      err.getBuffer().setLength(0);
    }
    assertEquals(1, run("bench", address, "--seconds", .4));
    assertTrue(err.toString().startsWith("djinn: no server answers at 127.0.0.1:"));
  }

  @Test
  void countsCallsAndTheirPercentiles() {
    long[] micros = LongStream.rangeClosed(1, 200).map(i -> 1000 * (201 - i)).toArray();
    Measurement measurement = new Measurement(3, 4, 2, micros, null);
    assertEquals(100, measurement.callsPerSecond());
    assertEquals(400, measurement.imagesPerSecond());
    assertEquals(100.5, measurement.mean(), 1e-9);
    assertEquals(Math.sqrt((200 * 200 - 1) / 12.0), measurement.deviation(), 1e-9);
    assertEquals(100, measurement.percentile(50));
    assertEquals(198, measurement.percentile(99));
    assertEquals(200, measurement.percentile(100));
  }

  @Test
  void countsEachCallOnceAndCallsFromAllThreads() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Measurement measurement =
        Load.run(
            3,
            1,
            .3,
            number ->
                () -> {
                  calls.incrementAndGet();
                  Thread.sleep(10);
                },
            () -> {});
    assertTrue(measurement.nanos().length <= calls.get());
    assertTrue(measurement.percentile(50) >= 10_000, "a call sleeps 10 ms");
    assertTrue(
        measurement.callsPerSecond() <= 310, "3 threads at 100 calls a second, begun before");
    SamplerException e =
        assertThrows(
            SamplerException.class,
            () -> Load.run(1, 1, .05, number -> () -> Thread.sleep(500), () -> {}));
    assertTrue(e.getMessage().startsWith("no call ended within 0.05 s"), e.getMessage());
  }

  private SamplerServer serve(Access access) throws IOException {
    return SamplerServer.start(
        folder.resolve("models"), ServerOptions.defaults().withPort(0).withAccess(access));
  }

  private static long figure(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.substring(name.length())))
        .sum();
  }

  private static Object[] with(Object[] arguments, Object... more) {
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return all;
  }

  private int run(Object... arguments) {
    return ServerMain.run(
        Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new),
        new PrintWriter(out, true),
        new PrintWriter(err, true));
  }
}
