package dev.djinn.trainer.cli;

import dev.djinn.watch.WatchServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "watch",
    customSynopsis = "djinn watch [RUNS] [OPTION]...",
    description = {
      "Show runs in the browser while they train, and after: samples, curves, figures, settings.",
      "It listens on this machine alone, until Ctrl-C."
    },
    footer = {"Examples:", "  djinn watch", "  djinn watch runs/digits --port 8091"})
final class WatchCommand implements Callable<Integer> {
  static final int PORT = 8090;

  @Parameters(
      arity = "0..1",
      paramLabel = "RUNS",
      description = "A run's folder, or a folder of runs. Default: ${DEFAULT-VALUE}.")
  private Path runs = Path.of("runs");

  @Option(
      names = "--port",
      paramLabel = "P",
      converter = Port.class,
      description = "Of the page, 0 for any that is free. Default: ${DEFAULT-VALUE}.")
  private Integer port = PORT;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!Files.isDirectory(runs)) {
      throw new IllegalArgumentException(
          "there is no folder " + runs + "; train something with djinn train, or give its folder");
    }
    try (WatchServer server = WatchServer.open(runs, port)) {
      System.err.println("watching " + runs + " at " + server.address() + " (Ctrl-C ends it)");
      server.await();
    }
    return 0;
  }

  /** 0 to 65535. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
        throw new TypeConversionException("must be from 0 to 65535, got " + text);
      }
      return Integer.valueOf(text);
    }
  }
}
