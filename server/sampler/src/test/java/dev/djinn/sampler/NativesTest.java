package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativesTest {
  private static final String MAIN = System.mapLibraryName("onnxruntime");
  private static final String PLATFORM = Natives.platform();

  @TempDir Path cache;

  @Test
  void unpacksTheJarsBytesIntoAPrivateFolderAndNothingElse() throws IOException {
    Path folder = new Natives(cache, PLATFORM).unpack(false);
    try (InputStream jar =
        Natives.class.getResourceAsStream("/ai/onnxruntime/native/" + PLATFORM + "/" + MAIN)) {
      assertEquals(-1, Files.mismatch(folder.resolve(MAIN), copyOf(jar)));
    }
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    assertEquals(List.of(folder), list(cache));
    assertFalse(list(folder).stream().anyMatch(file -> file.toString().contains("cuda")));
  }

  @Test
  void usesWhatIsThere() throws IOException {
    Path folder = new Natives(cache, PLATFORM).unpack(false);
    FileTime then = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));
    Files.setLastModifiedTime(folder.resolve(MAIN), then);
    assertEquals(folder, new Natives(cache, PLATFORM).unpack(false));
    assertEquals(then, Files.getLastModifiedTime(folder.resolve(MAIN)));
  }

  @Test
  void unpacksAgainWhatWasCutOff() throws IOException {
    Path folder = new Natives(cache, PLATFORM).unpack(false);
    long size = Files.size(folder.resolve(MAIN));
    Files.write(folder.resolve(MAIN), new byte[1000]);
    assertEquals(folder, new Natives(cache, PLATFORM).unpack(false));
    assertEquals(size, Files.size(folder.resolve(MAIN)));
  }

  @Test
  void refusesAFolderThatOthersMayWrite() throws IOException {
    Path folder = new Natives(cache, PLATFORM).unpack(false);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    IOException e =
        assertThrows(IOException.class, () -> new Natives(cache, PLATFORM).unpack(false));
    assertEquals(folder + " may be written by others", e.getMessage());
  }

  @Test
  void sweepsUpAfterKilledStartsButNotAfterRunningOnes() throws IOException {
    Path abandoned = Files.createDirectory(cache.resolve(".unpacking-old"));
    Files.write(abandoned.resolve(MAIN), new byte[10]);
    Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minusSeconds(7200)));
    Path running = Files.createDirectory(cache.resolve(".unpacking-new"));
    Path folder = new Natives(cache, PLATFORM).unpack(false);
    assertFalse(Files.exists(abandoned));
    assertTrue(Files.exists(running));
    assertTrue(Files.exists(folder));
  }

  @Test
  void startsAtTheSameTimeAgree() throws Exception {
    ExecutorService starts = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Path>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        tasks.add(() -> new Natives(cache, PLATFORM).unpack(false));
      }
      for (Future<Path> folder : starts.invokeAll(tasks)) {
        assertEquals(list(cache), List.of(folder.get()));
      }
    } finally {
      starts.shutdown();
    }
  }

  @Test
  void saysNothingOfAPlatformThatTheJarLacks() throws IOException {
    assertNull(new Natives(cache, "solaris-sparc").unpack(false));
    assertFalse(new Natives(cache, "solaris-sparc").hasCuda());
    assertEquals(List.of(), list(cache));
  }

  @Test
  void failsWhereNothingCanBeWritten() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));
    assertThrows(
        IOException.class, () -> new Natives(file.resolve("natives"), PLATFORM).unpack(false));
  }

  @Test
  void theRuntimeInUseWasLoadedFromTheCacheAndTheApplicationsOwnIsLeftAlone() {
    assertTrue(OnnxRuntime.version().matches("\\d+\\.\\d+\\.\\d+"));
    assertTrue(Natives.used().startsWith(Natives.cacheFolder()), Natives.used().toString());
    assertNull(System.getProperty(Natives.PROPERTY));
  }

  private Path copyOf(InputStream in) throws IOException {
    Path copy = Files.createTempFile("djinn", ".so");
    copy.toFile().deleteOnExit();
    Files.write(copy, in.readAllBytes());
    return copy;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
