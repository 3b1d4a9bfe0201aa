package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bf16Test {
  @TempDir Path folder;

  private Optional<String> missing(String flags) throws IOException {
    return Bf16.missing(
        Files.writeString(
            folder.resolve("cpuinfo"),
            "processor\t: 0\nmodel name\t: a processor with amx_bf16 in its name\nflags\t\t: "
                + flags
                + "\n\nprocessor\t: 1\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fpu avx512f avx512_bf16 wbnoinvd", "amx_bf16", "avx512_bf16 amx_bf16"})
  void instructionsForItAreFound(String flags) throws IOException {
    assertEquals(Optional.empty(), missing(flags));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fpu avx512f avx512_vnni", "avx512_bf16x amx_int8"})
  void aProcessorWithoutThemIsRefused(String flags) throws IOException {
    assertEquals(
        Optional.of(
            "the processor has neither AVX512-BF16 nor AMX, so it would be slower than float32"),
        missing(flags));
  }

  @Test
  void whereItIsNotKnownItIsRefused() {
    assertTrue(Bf16.missing(folder.resolve("none")).orElseThrow().contains("only known on Linux"));
  }
}
