package dev.djinn.run;

import dev.djinn.files.FileProblem;
import dev.djinn.files.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Where DJL unpacks libtorch and loads it from: a folder of this user that nobody else can write to
 * or replace, since what lies there runs inside this process. Left alone, DJL takes the shared
 * temporary folder where it finds no home to write to.
 */
final class TorchFolder {
  /** Of DJL: where it keeps what it unpacks, by the environment or a system property. */
  static final String PROPERTY = "DJL_CACHE_DIR";

  private static final String ENGINES = "ENGINE_CACHE_DIR";
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("----w--w-");
  private static final int STICKY = 01000;

  private TorchFolder() {}

  /**
   * Sees to it that DJL takes a private folder.
   *
   * @throws TrainingException if there is none, or the one that was named is not private
   */
  static void prepare() {
    UnaryOperator<String> settings =
        name -> {
          String variable = System.getenv(name);
          return variable == null || variable.isEmpty() ? System.getProperty(name) : variable;
        };
    Path folder =
        choose(
            settings,
            System.getProperty("user.home", ""),
            System.getProperty("java.io.tmpdir", ""));
    if (settings.apply(PROPERTY) == null && settings.apply(ENGINES) == null) {
      System.setProperty(PROPERTY, folder.toString());
    }
  }

  /** Gives the folder that is named, or one in the home, or one that goes with this process. */
  static Path choose(UnaryOperator<String> settings, String home, String temporary) {
    for (String name : new String[] {ENGINES, PROPERTY}) {
      String given = settings.apply(name);
      if (given != null && !given.isEmpty()) {
        try {
          return create(Path.of(given));
        } catch (IOException e) {
          throw refused(name + "=" + given, e);
        }
      }
    }
    Path kept = Path.of(home, ".djl.ai");
    if (kept.isAbsolute()) {
      try {
        return create(kept);
      } catch (IOException e) {
        if (Files.exists(kept)) {
          throw refused(kept.toString(), e);
        }
        // There is no home, or none to write to.
      }
    }
    try {
      Path parent = Path.of(temporary).toAbsolutePath();
      Path folder =
          posix(parent)
              ? Files.createTempDirectory(
                  parent, "djinn-libtorch-", PosixFilePermissions.asFileAttribute(PRIVATE))
              : Files.createTempDirectory(parent, "djinn-libtorch-");
      require(folder);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw refused("the temporary folder", e);
    }
  }

  private static TrainingException refused(String folder, IOException e) {
    return new TrainingException(
        "libtorch is not loaded from "
            + folder
            + ": "
            + FileProblem.reason(e)
            + "; name a folder that only you can write to with DJL_CACHE_DIR",
        e);
  }

  private static Path create(Path folder) throws IOException {
    if (!folder.isAbsolute()) {
      throw new IOException("it is not an absolute path");
    }
    if (!Files.isDirectory(folder)) {
      if (folder.getParent() != null) {
        Files.createDirectories(folder.getParent());
      }
      if (posix(folder)) {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
      } else {
        Files.createDirectory(folder);
      }
    }
    require(folder);
    return folder;
  }

  /** Refuses a folder if another user owns it or something in it, or could write there. */
  private static void require(Path folder) throws IOException {
    if (!posix(folder)) {
      return;
    }
    Path real = folder.toRealPath();
    UserPrincipal user = user(real);
    try (Stream<Path> all = Files.walk(real)) {
      for (Path each : all.toList()) {
        UserPrincipal owner = Files.getOwner(each, LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(user)) {
          throw new IOException(each + " belongs to " + owner.getName());
        }
        if (!Files.isSymbolicLink(each) && writableByOthers(each)) {
          throw new IOException(each + " may be written by others (chmod -R go-w helps)");
        }
      }
    }
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(above);
      if (permissions.contains(PosixFilePermission.OTHERS_WRITE) && !sticky(above)) {
        throw new IOException(above + ", which it lies in, may be written by others");
      }
    }
  }

  private static boolean writableByOthers(Path path) throws IOException {
    return Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains);
  }

  private static boolean sticky(Path folder) throws IOException {
    return folder.getFileSystem().supportedFileAttributeViews().contains("unix")
        && (((Integer) Files.getAttribute(folder, "unix:mode")) & STICKY) != 0;
  }

  /** Whom a file belongs to that this process makes: a user of a container need not have a name. */
  private static UserPrincipal user(Path folder) throws IOException {
    Path made = Files.createTempFile(folder, ".owner-", "");
    try {
      return Files.getOwner(made);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static void delete(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // said by the JVM as it ends
    }
  }
}
