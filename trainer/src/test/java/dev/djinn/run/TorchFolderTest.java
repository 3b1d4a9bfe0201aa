package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class TorchFolderTest {
  @TempDir Path folder;

  @Test
  void liesInTheHomeForThisUserAlone() throws IOException {
    Path chosen = choose(Map.of(), folder.toString());
    assertEquals(folder.resolve(".djl.ai"), chosen);
    assertEquals("rwx------", permissions(chosen));
    assertEquals(chosen, choose(Map.of(), folder.toString()));
  }

  @Test
  void goesWithTheProcessWhereThereIsNoHome() throws IOException {
    for (String home : new String[] {"?", "/dev/null"}) {
      Path chosen = choose(Map.of(), home);
      assertTrue(chosen.startsWith(folder.resolve("tmp")), chosen.toString());
      assertEquals("rwx------", permissions(chosen));
    }
  }

  @Test
  void refusesAFolderThatOthersMayWriteOrOwn() throws IOException {
    Path open = Files.createDirectories(folder.resolve("home/.djl.ai/pytorch"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertEquals(
        "libtorch is not loaded from "
            + open.getParent()
            + ": "
            + open
            + " may be written by others (chmod -R go-w helps); name a folder that only you can"
            + " write to with DJL_CACHE_DIR",
        refused(Map.of(), open.getParent().getParent().toString()));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path library = Files.createFile(open.resolve("libtorch.so"));
    try {
      Files.setOwner(
          library,
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("65534"));
    } catch (FileSystemException e) {
      assumeTrue(false, "only root can give a file away");
    }
    String why = refused(Map.of(), open.getParent().getParent().toString());
    assertTrue(why.contains(library + " belongs to "), why);
  }

  @Test
  void refusesARelativePath() {
    assertEquals(
        "libtorch is not loaded from DJL_CACHE_DIR=cache: it is not an absolute path; name a folder"
            + " that only you can write to with DJL_CACHE_DIR",
        refused(Map.of("DJL_CACHE_DIR", "cache"), folder.toString()));
  }

  private String refused(Map<String, String> settings, String home) {
    return assertThrows(TrainingException.class, () -> choose(settings, home)).getMessage();
  }

  private Path choose(Map<String, String> settings, String home) throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    return TorchFolder.choose(settings::get, home, temporary.toString());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
