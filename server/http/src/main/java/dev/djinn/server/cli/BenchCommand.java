package dev.djinn.server.cli;

import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.server.Access;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code djinn bench}. */
@Command(
    name = "bench",
    customSynopsis = "djinn bench MODEL|URL [OPTION]...",
    description = {
      "Measure how fast a model makes images here, or a server answers.",
      "Of a model: images a second by workers (1, and --workers) and batch, latents drawn and"
          + " pixels copied out. Of a server: latency of binary requests by concurrency."
    },
    footer = {
      "Examples:",
      "  djinn bench dcgan-mnist",
      "  djinn bench dcgan-mnist --batch 1,64 --workers 4 --csv",
      "  djinn bench http://127.0.0.1:8000/v2/models/dcgan-mnist --concurrency 1,16,64"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int MOST_CALLERS = 4096;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL|URL",
      description =
          "An .onnx file, a folder that holds one, a name in the models folder; or the address of a"
              + " served model, or of a server with one model.")
  private String subject;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      description = "Images a call. Default: 1,8,32,128 of a model, 1 of a server.")
  private List<Integer> batches;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      split = ",",
      description = "Connections to a server at the same time. Default: 1,4,16,64.")
  private List<Integer> concurrency;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "Time for each measurement. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The server's token, on the file's first line.")
  private Path tokenFile;

  @ArgGroup private Form form = new Form();

  @Mixin private ModelOptions options;

  /** How to print. */
  private static final class Form {
    @Option(names = "--csv", description = "Print CSV.")
    private boolean csv;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    BenchReport report() {
      return csv ? BenchReport.CSV : json ? BenchReport.JSON : BenchReport.TEXT;
    }
  }

  @Override
  public Integer call() throws Exception {
    if (!(seconds >= 0.05 && seconds <= 3600)) {
      throw bad("--seconds is " + seconds + ", not between 0.05 and 3600");
    }
    boolean server = subject.matches("https?://.*");
    if (!server && (concurrency != null || tokenFile != null)) {
      throw bad("--concurrency and --token-file are for a server; give its address");
    }
    List<Measurement> measurements = new ArrayList<>();
    String head = server ? ofServer(measurements) : ofModel(measurements);
    PrintWriter out = spec.commandLine().getOut();
    form.report().print(out, head, measurements);
    out.flush();
    return 0;
  }

  private String ofModel(List<Measurement> measurements) throws Exception {
    SamplerOptions chosen = options.toSamplerOptions();
    String head = "";
    for (int workers : new TreeSet<>(List.of(1, chosen.workers()))) {
      SamplerOptions own = chosen.withWorkers(workers);
      try (Sampler sampler = Sampler.open(ModelFiles.resolve(subject), own)) {
        for (int batch : sizes("--batch", batches, List.of(1, 8, 32, 128), 1 << 16)) {
          Load.Callers callers =
              number -> {
                SampleRequest request =
                    SampleRequest.of(batch).withSeed(number).withOutputs(Output.PIXELS);
                return () -> sampler.sample(request);
              };
          measurements.add(Load.run(workers, batch, seconds, callers, () -> {}));
        }
        head =
            String.format(
                Locale.ROOT,
                "%s on %s, %d thread(s) a batch, %s s each",
                subject,
                sampler.provider(),
                own.threads(),
                seconds);
      }
    }
    return head;
  }

  private String ofServer(List<Measurement> measurements) throws Exception {
    String token =
        tokenFile == null ? null : Access.OPEN.withTokenFile(tokenFile).token().orElseThrow();
    ServedTarget target = new ServedTarget(address(), token);
    List<Integer> rows = sizes("--batch", batches, List.of(1), 1 << 16);
    for (int batch : rows) {
      for (int callers : sizes("--concurrency", concurrency, List.of(1, 4, 16, 64), MOST_CALLERS)) {
        AtomicReference<Map<String, String>> before = new AtomicReference<>();
        Measurement client =
            Load.run(
                callers,
                batch,
                seconds,
                number -> target.caller(batch, number),
                () -> before.set(statistics(target)));
        measurements.add(client.with(ServedTarget.between(before.get(), statistics(target))));
      }
    }
    return String.format(
        Locale.ROOT, "%s, %s images a request, %s s each", target.model(), rows, seconds);
  }

  private static Map<String, String> statistics(ServedTarget target) {
    try {
      return target.statistics();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private URI address() {
    try {
      return URI.create(subject);
    } catch (IllegalArgumentException e) {
      throw bad("'" + subject + "' is not an address: " + e.getMessage());
    }
  }

  private List<Integer> sizes(String option, List<Integer> given, List<Integer> usual, int most) {
    for (int size : given == null ? usual : given) {
      if (size < 1 || size > most) {
        throw bad(option + " has " + size + ", which is not between 1 and " + most);
      }
    }
    return given == null ? usual : given;
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
