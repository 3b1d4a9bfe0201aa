package dev.djinn.exporter.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.Processors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path folder;

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void saysWhatProcessorsCan() throws IOException {
    write(
        "cpuinfo",
        """
        processor\t: 0
        model name\t: Some Processor @ 2 GHz
        flags\t\t: fpu sse2 avx2 avx512f avx512_vnni
        """);
    Processors some = Processors.of(folder.resolve("cpuinfo"));
    assertEquals("Some Processor @ 2 GHz", some.model());
    assertEquals(
        "with AVX2, AVX-512, VNNI (int8); without AVX512-BF16, AMX (bf16, int8)", some.told());
    assertEquals(
        "what they can is only known on Linux", Processors.of(folder.resolve("none")).told());
  }

  @Test
  void readsMemoryAndLimitsOfBothVersionsOfControlGroups() throws IOException {
    write("proc/meminfo", "MemTotal:  4194304 kB\nMemFree: 1 kB\nMemAvailable: 2097152 kB\n");
    write("two/memory.max", "1073741824\n");
    write("two/cpu.max", "150000 100000\n");
    write("one/memory/memory.limit_in_bytes", "536870912\n");
    write("one/cpu/cpu.cfs_quota_us", "50000\n");
    write("one/cpu/cpu.cfs_period_us", "100000\n");
    write("none/memory.max", "max\n");
    write("none/cpu.max", "max 100000\n");
    write("old/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("old/cpu/cpu.cfs_quota_us", "-1\n");
    write("old/cpu/cpu.cfs_period_us", "100000\n");

    Memory two = Memory.of(folder.resolve("proc"), folder.resolve("two"));
    assertEquals(4L << 30, two.total());
    assertTrue(two.told().startsWith("4.0 GB, 2.0 GB of it free; "), two.told());
    assertEquals("limited to 1.0 GB of memory and 1.5 processors", two.limits());
    Memory one = Memory.of(folder.resolve("proc"), folder.resolve("one"));
    assertEquals("limited to 512 MB of memory and 0.5 processors", one.limits());
    for (String free : new String[] {"none", "old", "missing"}) {
      Memory memory = Memory.of(folder.resolve("proc"), folder.resolve(free));
      assertEquals("no limits", memory.limits(), free);
      assertEquals(OptionalLong.empty(), memory.limit(), free);
    }
  }

  @Test
  void findsAllThatThereIsAndTriesIt() {
    List<String> lines = new ArrayList<>();
    boolean well = Doctor.examine((about, found) -> lines.add(about + " " + found));
    String all = String.join("\n", lines);
    assertTrue(well, all);
    for (String about :
        new String[] {
          "system ",
          "java ",
          "processors ",
          "memory ",
          "container ",
          "libtorch ",
          "onnxruntime ",
          "disk ",
          "cache ",
          "locale ",
          "self-test training works: 2 steps",
          "self-test export works",
          "self-test sampling works: 64 pictures on cpu"
        }) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(about)), about + "\n" + all);
    }
  }
}
