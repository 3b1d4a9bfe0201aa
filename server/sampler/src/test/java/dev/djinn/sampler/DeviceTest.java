package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"auto,auto", "cpu,cpu", "gpu,gpu:0", "gpu:3,gpu:3"})
  void readsItsText(String text, String device) {
    assertEquals(device, Device.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GPU", "gpu:", "gpu:-1", "gpu:1x", "cuda", "cpu:0", "gpu:99999"})
  void refusesOtherText(String text) {
    SamplerException e = assertThrows(SamplerException.class, () -> Device.parse(text));
    assertEquals("device '" + text + "' is none of auto, cpu, gpu, gpu:N", e.getMessage());
  }

  @Test
  void aDemandedGpuThatIsMissingFailsAtOnceAndSaysWhatIsMissing() {
    assumeTrue(Cuda.problem().isPresent(), "this machine has CUDA");
    Path model = TestModels.write(folder, TestModels.UNCONDITIONAL);
    SamplerOptions options = SamplerOptions.DEFAULT.withDevice(Device.gpu(0));
    SamplerException e =
        Assertions.assertTimeout(
            Duration.ofSeconds(5), // asking ONNX Runtime takes ten
            () -> assertThrows(SamplerException.class, () -> Sampler.open(model, options)));
    assertEquals(Reason.UNAVAILABLE_DEVICE, e.reason());
    assertEquals(
        "device gpu:0 was demanded, but cannot be used: " + Cuda.problem().orElseThrow(),
        e.getMessage());
  }

  @Test
  void autoIsTheCpuWithAReasonWhereThereIsNoCuda() {
    assumeTrue(Cuda.problem().isPresent(), "this machine has CUDA");
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNCONDITIONAL))) {
      assertEquals("cpu", sampler.provider());
      String reason = Cuda.hasDriver() ? "no CUDA: " + Cuda.problem().orElseThrow() : "no GPU";
      assertEquals(reason, sampler.providerReason());
    }
  }

  @Test
  void findsLibrariesInFoldersAndInTheLoadersCache() throws IOException {
    Files.createFile(folder.resolve("libhere.so.1"));
    List<String> wanted = List.of("libhere.so.1", "libcached.so.2", "libcached.so", "libgone.so");
    String cache = "glibc-ld.so.cache1.1\0libcached.so.2\0/usr/lib/libcached.so.2\0";
    assertEquals(
        List.of("libcached.so", "libgone.so"),
        Cuda.missing(wanted, List.of("/nowhere", folder.toString()), cache));
  }
}
