package dev.djinn.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
  @TempDir Path parent;

  @Test
  void aFolderIsWholeOrAbsentWhileItIsRemoved() throws Exception {
    Path folder = parent.resolve("000004");
    Path leftOver = Files.createDirectories(parent.resolve(".000004.old.tmp"));
    Files.writeString(leftOver.resolve("0001"), "of a kill");
    Files.createDirectories(folder);
    for (int i = 0; i < 3000; i++) {
      Files.createFile(folder.resolve(String.format("%04d", i)));
    }
    Path first = folder.resolve("0000");
    Path last = folder.resolve("2999");
    AtomicBoolean half = new AtomicBoolean();
    Thread watcher =
        new Thread(
            () -> {
              while (Files.exists(first)) {
                // Files do not come back, so one that is there after another is gone is of a half.
                if (!Files.exists(last) && Files.exists(first)) {
                  half.set(true);
                  return;
                }
              }
            });
    watcher.start();
    Folders.remove(folder);
    watcher.join();
    assertFalse(half.get(), "some of its files were gone, others not");
    assertEquals(0, parent.toFile().list().length);
  }

  @Test
  void sweepsOnlyWhatIsALeftPartAndOld() throws Exception {
    FileTime before = FileTime.from(Instant.now().minus(Duration.ofHours(3)));
    Path part = Files.writeString(parent.resolve(".a.part"), "half");
    Path folder = Files.createDirectories(parent.resolve(".b.part"));
    Files.writeString(folder.resolve("inside"), "half");
    Path whole = Files.writeString(parent.resolve("a"), "whole");
    Path fresh = Files.writeString(parent.resolve(".c.part"), "being written");
    for (Path old : List.of(part, folder, whole)) {
      Files.setLastModifiedTime(old, before);
    }
    Folders.sweep(parent, name -> name.endsWith(".part"), Duration.ofHours(2));
    assertFalse(Files.exists(part));
    assertFalse(Files.exists(folder));
    assertTrue(Files.exists(whole));
    assertTrue(Files.exists(fresh));
    Folders.sweep(parent.resolve("nowhere"), name -> true, Duration.ZERO);
    Folders.sweep(parent, name -> name.endsWith(".part"));
    assertFalse(Files.exists(fresh));
    assertTrue(Files.exists(whole));
  }
}
