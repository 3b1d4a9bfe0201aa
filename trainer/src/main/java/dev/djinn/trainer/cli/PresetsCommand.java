package dev.djinn.trainer.cli;

import dev.djinn.network.YamlCursor;
import dev.djinn.run.Presets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "presets",
    description = "List the presets, or print one as a network file to start your own from.",
    footerHeading = "%nExamples:%n",
    footer = {"  djinn presets", "  djinn presets dcgan > mine.yaml && djinn train mine.yaml", ""})
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
      YamlCursor file = YamlCursor.parse(Presets.text(preset), preset);
      System.out.printf("%-16s %s%n", preset, file.get("summary").text());
    }
    return 0;
  }
}
