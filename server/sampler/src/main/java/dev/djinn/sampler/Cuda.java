package dev.djinn.sampler;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks whether this machine can use CUDA, by the files that have to be there, without asking ONNX
 * Runtime: that would unpack 583 MB and take ten seconds to say no.
 */
final class Cuda {
  /** What libonnxruntime_providers_cuda.so is linked with, and cuDNN, which it opens later. */
  private static final List<String> LINUX_LIBRARIES =
      List.of(
          "libcuda.so.1",
          "libcudart.so.12",
          "libcublas.so.12",
          "libcublasLt.so.12",
          "libcurand.so.10",
          "libcudnn.so.9");

  private static final List<String> WINDOWS_LIBRARIES =
      List.of(
          "nvcuda.dll", "cudart64_12.dll", "cublas64_12.dll", "cublasLt64_12.dll", "cudnn64_9.dll");

  private static final List<String> LINUX_FOLDERS =
      List.of(
          "/usr/lib/x86_64-linux-gnu",
          "/usr/lib64",
          "/usr/lib",
          "/usr/local/cuda/lib64",
          "/usr/lib/wsl/lib");

  private Cuda() {}

  /** {@return why CUDA cannot be used here, or empty if all that is needed is there} */
  static Optional<String> problem() {
    Natives natives = Natives.here();
    String given = System.getProperty(Natives.PROPERTY);
    String provider = System.mapLibraryName("onnxruntime_providers_cuda");
    if (!natives.hasCuda() && (given == null || !Files.exists(Path.of(given, provider)))) {
      return Optional.of(
          "the ONNX Runtime on the class path has no CUDA for "
              + Natives.platform()
              + ": take onnxruntime_gpu on Linux or Windows on x86-64");
    }
    boolean windows = Natives.platform().startsWith("win");
    List<String> folders = folders(windows);
    String known = windows ? "" : loaderCache(Path.of("/etc/ld.so.cache"));
    List<String> missing = missing(windows ? WINDOWS_LIBRARIES : LINUX_LIBRARIES, folders, known);
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "not found: "
            + String.join(", ", missing)
            + " (NVIDIA's driver, CUDA 12 and cuDNN 9 are needed, on "
            + (windows ? "PATH" : "LD_LIBRARY_PATH or in the loader's cache")
            + ")");
  }

  /** {@return whether NVIDIA's driver is here, without which there is no GPU to speak of} */
  static boolean hasDriver() {
    boolean windows = Natives.platform().startsWith("win");
    List<String> driver = (windows ? WINDOWS_LIBRARIES : LINUX_LIBRARIES).subList(0, 1);
    String known = windows ? "" : loaderCache(Path.of("/etc/ld.so.cache"));
    return missing(driver, folders(windows), known).isEmpty();
  }

  /** Gives those libraries that are neither in a folder nor named in the loader's cache. */
  static List<String> missing(List<String> libraries, List<String> folders, String loaderCache) {
    List<String> missing = new ArrayList<>();
    for (String library : libraries) {
      boolean found =
          loaderCache.contains(library + "\0")
              || folders.stream().anyMatch(folder -> Files.exists(Path.of(folder, library)));
      if (!found) {
        missing.add(library);
      }
    }
    return missing;
  }

  private static List<String> folders(boolean windows) {
    String path = System.getenv(windows ? "PATH" : "LD_LIBRARY_PATH");
    List<String> folders = new ArrayList<>(windows ? List.of() : LINUX_FOLDERS);
    if (windows) {
      folders.add(System.getenv().getOrDefault("SystemRoot", "C:\\Windows") + "\\System32");
    }
    if (path != null) {
      for (String folder : path.split(windows ? ";" : ":", -1)) {
        if (!folder.isBlank()) {
          folders.add(folder);
        }
      }
    }
    return folders;
  }

  /** Gives the dynamic loader's list of libraries as text; its names end in a zero byte. */
  private static String loaderCache(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // musl and minimal images have none; the folders decide
    }
  }
}
