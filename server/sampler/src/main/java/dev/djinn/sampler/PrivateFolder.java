package dev.djinn.sampler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders whose content runs inside this process: the user's own, which others cannot write to or
 * put another in the place of. Whose a folder has to be is seen at a file just made there, since a
 * user of a container need not have a name.
 */
final class PrivateFolder {
  /** Of the names of folders that go with their process. */
  static final String PREFIX = "djinn-natives-";

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final int STICKY = 01000;

  private PrivateFolder() {}

  /** Makes a folder, and those above it, unless it is there and private. */
  static void create(Path folder) throws IOException {
    requireAbsolute(folder);
    if (!Files.isDirectory(folder)) {
      Path parent = folder.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      if (posix(folder)) {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
      } else {
        Files.createDirectories(folder);
      }
    }
    require(folder);
  }

  /** Makes a folder that goes with the process, in the temporary folder. */
  static Path createForThisProcess() throws IOException {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "")).toAbsolutePath();
    Path folder =
        posix(parent)
            ? Files.createTempDirectory(
                parent, PREFIX, PosixFilePermissions.asFileAttribute(PRIVATE))
            : Files.createTempDirectory(parent, PREFIX);
    require(folder);
    return folder;
  }

  /** Refuses a folder that is not this user's, or that others may write to or replace. */
  static void require(Path folder) throws IOException {
    requireAbsolute(folder);
    if (!posix(folder)) {
      return;
    }
    Path real = folder.toRealPath();
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(real);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(folder + " may be written by others");
    }
    UserPrincipal user = user(real);
    requireOwner(real, user);
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      boolean others =
          Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_WRITE);
      if (others && !sticky(above)) {
        throw new IOException(folder + " lies in " + above + ", which may be written by others");
      }
    }
  }

  /** Refuses a file that is not this user's; its folder has been looked at. */
  static void requireOwner(Path file, UserPrincipal user) throws IOException {
    UserPrincipal owner = Files.getOwner(file, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(user)) {
      throw new IOException(file + " belongs to " + owner.getName());
    }
  }

  /** {@return whom a file belongs to that this process makes} */
  static UserPrincipal user(Path folder) throws IOException {
    Path made = Files.createTempFile(folder, ".owner-", "");
    try {
      return Files.getOwner(made);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private static void requireAbsolute(Path folder) throws IOException {
    if (!folder.isAbsolute()) {
      throw new IOException("'" + folder + "' is not an absolute path");
    }
  }

  private static boolean sticky(Path folder) throws IOException {
    return folder.getFileSystem().supportedFileAttributeViews().contains("unix")
        && (((Integer) Files.getAttribute(folder, "unix:mode")) & STICKY) != 0;
  }

  static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Removes a folder and what is in it; a folder that is not there is none. */
  static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
