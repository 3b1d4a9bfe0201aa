package dev.djinn.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the processors can, as far as it matters here.
 *
 * @param model their maker's name for them
 * @param flags what Linux calls their instructions; empty where that is not known
 */
public record Processors(String model, Set<String> flags) {
  /** Instructions by the names that people know, and what they are good for. */
  private static final Map<String, List<String>> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("AVX2", List.of("avx2"));
    KNOWN.put("AVX-512", List.of("avx512f"));
    KNOWN.put("VNNI (int8)", List.of("avx512_vnni", "avx_vnni"));
    KNOWN.put("AVX512-BF16", List.of("avx512_bf16"));
    KNOWN.put("AMX (bf16, int8)", List.of("amx_bf16", "amx_int8"));
  }

  /**
   * Reads what Linux says.
   *
   * @param cpuinfo {@code /proc/cpuinfo}, or a file like it
   * @return what it says, without flags where there is no such file
   */
  public static Processors of(Path cpuinfo) {
    try {
      String model = System.getProperty("os.arch");
      Set<String> flags = Set.of();
      for (String line : Files.readAllLines(cpuinfo)) {
        String value = line.substring(line.indexOf(':') + 1).strip();
        if (line.startsWith("model name")) {
          model = value;
        } else if (line.startsWith("flags") || line.startsWith("Features")) {
          flags = Set.copyOf(new HashSet<>(Arrays.asList(value.split("\\s+"))));
        }
      }
      return new Processors(model, flags);
    } catch (IOException e) {
      return new Processors(System.getProperty("os.arch"), Set.of());
    }
  }

  /** {@return in words, which of the instructions that matter they have and lack} */
  public String told() {
    if (flags.isEmpty()) {
      return "what they can is only known on Linux";
    }
    if (KNOWN.values().stream().flatMap(List::stream).noneMatch(flags::contains)
        && !flags.contains("fpu")) {
      return "no x86: none of the instructions that --precision bf16 and int8 gain from";
    }
    List<String> has = new ArrayList<>();
    List<String> lacks = new ArrayList<>();
    KNOWN.forEach((name, any) -> (any.stream().anyMatch(flags::contains) ? has : lacks).add(name));
    return (has.isEmpty() ? "" : "with " + String.join(", ", has))
        + (has.isEmpty() || lacks.isEmpty() ? "" : "; ")
        + (lacks.isEmpty() ? "" : "without " + String.join(", ", lacks));
  }
}
