package dev.djinn.trainer.cli;

import dev.djinn.run.TorchEngine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    customSynopsis = "djinn doctor",
    description = "Say what training would run on here: versions, natives, device, memory.")
final class DoctorCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    Runtime runtime = Runtime.getRuntime();
    System.out.printf(
        "system     %s %s, %d cores, %,d MB heap at most%n",
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        runtime.availableProcessors(),
        runtime.maxMemory() >> 20);
    TorchEngine.versions()
        .forEach((name, version) -> System.out.printf("%-10s %s%n", name, version));
    System.out.printf(
        "%-10s %s%n", "device", TorchEngine.device("auto").reason().replaceFirst("^device ", ""));
    System.out.printf("%-10s %s%n", "allocator", allocator());
    return 0;
  }

  /** What scripts/djinn sets before the JVM starts, since libtorch's speed depends on it. */
  private static String allocator() {
    String threshold = System.getenv("MALLOC_MMAP_THRESHOLD_");
    return threshold == null
        ? "system default; start through scripts/djinn for faster training"
        : "tuned by the launcher";
  }
}
