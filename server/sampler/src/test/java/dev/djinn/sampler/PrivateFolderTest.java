package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class PrivateFolderTest {
  @TempDir Path folder;

  @Test
  void makesFoldersForThisUserAlone() throws IOException {
    Path made = folder.resolve("a/b");
    PrivateFolder.create(made);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    PrivateFolder.create(made);
  }

  @Test
  void refusesAFolderBelowOneThatAnyoneMayChange() throws IOException {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path inside = open.resolve("natives");
    IOException e = assertThrows(IOException.class, () -> PrivateFolder.create(inside));
    assertEquals(inside + " lies in " + open + ", which may be written by others", e.getMessage());
  }

  @Test
  void refusesAFolderOfAnotherUser() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
    UserPrincipal nobody =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("65534");
    try {
      Files.setOwner(other, nobody);
    } catch (FileSystemException e) {
      assumeTrue(false, "only root can give a folder away");
    }
    IOException e = assertThrows(IOException.class, () -> PrivateFolder.require(other));
    assertTrue(e.getMessage().startsWith(other + " belongs to "), e.getMessage());
  }

  @Test
  void refusesARelativePath() {
    IOException e =
        assertThrows(IOException.class, () -> PrivateFolder.create(Path.of("?", ".cache")));
    assertEquals("'?/.cache' is not an absolute path", e.getMessage());
  }
}
