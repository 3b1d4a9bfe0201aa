package dev.djinn.trainer.cli;

import dev.djinn.run.Presets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "presets",
    customSynopsis = "djinn presets [NAME]",
    description = "List the presets, or print one as a network file to start your own from.",
    footer = {
      "Examples:",
      "  djinn presets",
      "  djinn presets dcgan > mine.yaml && djinn train mine.yaml"
    })
final class PresetsCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The preset to print.")
  private String name;

  @Override
  public Integer call() {
    if (name != null) {
      System.out.print(Presets.text(name));
      return 0;
    }
    for (String preset : Presets.names()) {
      System.out.printf("%-16s %s%n", preset, Presets.open(preset).summary());
    }
    return 0;
  }
}
