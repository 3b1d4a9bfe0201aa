package dev.djinn.exporter.cli;

import dev.djinn.exporter.doctor.Doctor;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "doctor",
    customSynopsis = "djinn doctor",
    description = {
      "Say what Djinn would run on here: processors, memory, disk, natives, GPU, caches.",
      "Then train, export and sample for a moment, to see that it works."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int BROKEN = 1;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    boolean well =
        Doctor.examine(
            (about, found) -> {
              out.printf("%-11s %s%n", about, found);
              out.flush();
            });
    return well ? 0 : BROKEN;
  }
}
