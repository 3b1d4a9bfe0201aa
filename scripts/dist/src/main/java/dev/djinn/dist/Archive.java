package dev.djinn.dist;

import dev.djinn.files.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * Lays out what an archive holds beside plain files: {@code lib}, with the jars of some modules and
 * a jar a module, {@code djinn-<module>.jar}, whose manifest names those that the module needs; and
 * {@code licenses}. Both the launcher and {@code djinn.cmd} start from that jar, so that a class
 * path of sixty files fits into any shell's line.
 */
public final class Archive {
  /** Earlier than any zip file can say: of no build in particular. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Archive() {}

  /**
   * Lays out one archive.
   *
   * @param args the new folder, its bill of materials in CycloneDX's JSON, the folder of licences'
   *     texts, the version, and the folders of the modules, each built
   * @throws IOException if it cannot be written
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Folders.delete(folder);
    for (String module : List.of(args).subList(4, args.length)) {
      module(Path.of(module), args[3], folder.resolve("lib"));
    }
    new Licences(Path.of(args[1]), Path.of(args[2]))
        .write(folder.resolve("lib"), folder.resolve("licenses"));
  }

  /** Copies a module's jars to lib, with one that names them. */
  static void module(Path module, String version, Path lib) throws IOException {
    // The server lies in a folder of its own name's folder: server/http.
    Path named = "http".equals(name(module)) ? module.resolveSibling("../server") : module;
    String name = name(named.normalize());
    Path target = module.resolve("target");
    List<Path> jars = new ArrayList<>();
    jars.add(target.resolve(name + "-" + version + ".jar"));
    for (String jar : Files.readString(target.resolve("classpath")).strip().split(":", -1)) {
      jars.add(Path.of(jar));
    }
    Files.createDirectories(lib);
    for (Path jar : jars) {
      copy(jar, lib.resolve(name(jar)));
    }
    List<String> names = jars.stream().map(Archive::name).toList();
    launchJar(lib.resolve("djinn-" + name + ".jar"), names);
  }

  /** Writes a jar of nothing but a class path, relative to itself. */
  private static void launchJar(Path file, List<String> names) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", names));
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      ZipEntry entry = new ZipEntry(JarFile.MANIFEST_NAME);
      entry.setTimeLocal(NO_TIME);
      jar.putNextEntry(entry);
      manifest.write(jar);
      jar.closeEntry();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(to)) {
      Files.copy(from, to);
    } else if (Files.mismatch(from, to) >= 0) {
      throw new FileAlreadyExistsException(
          to.toString(), from.toString(), "two different jars have one name");
    }
  }

  private static String name(Path path) {
    return Objects.requireNonNull(path.getFileName(), () -> path + " has no name").toString();
  }
}
