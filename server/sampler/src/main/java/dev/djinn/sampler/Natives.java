package dev.djinn.sampler;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks ONNX Runtime's native libraries once into a private folder, where later starts find them.
 * Left alone, ONNX Runtime unpacks 32 MB to the temporary folder at every start, and leaves them
 * there if the JVM is killed.
 *
 * <p>A folder is named after the sizes and checksums that the jar's directory gives, so another jar
 * gets another folder and nothing has to be read to know that a folder is the right one. It appears
 * by one atomic move.
 *
 * <p>A JVM loads a library file in one class loader only, and the place where ONNX Runtime looks
 * for its own is one for the JVM. So the place is named only while ONNX Runtime starts, and a
 * second class loader with a Djinn of its own, such as another web application, gets copies.
 */
final class Natives {
  /** Where ONNX Runtime looks for its libraries before it unpacks them itself. */
  static final String PROPERTY = "onnxruntime.native.path";

  private static final Logger LOG = LoggerFactory.getLogger(Natives.class);

  private static final String SHARED = "onnxruntime_providers_shared";
  private static final String CUDA = "onnxruntime_providers_cuda";
  private static final List<String> ALWAYS = List.of("onnxruntime", "onnxruntime4j_jni");
  private static final String UNFINISHED = ".unpacking-";
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** One library in the jar; {@code stamp} changes whenever its bytes do. */
  private record Library(String file, URL source, long size, String stamp) {}

  /** The folders that class loaders of this JVM have loaded from, on lines of their own. */
  private static final String LOADED = "dev.djinn.natives.loaded";

  /** Where this class loader's libraries lie; null where ONNX Runtime found its own. */
  private static Path used;

  private final Path cache;
  private final String platform;

  /**
   * Unpacks into {@code cache} what the jar has for {@code platform}, such as {@code linux-x64}.
   */
  Natives(Path cache, String platform) {
    this.cache = cache;
    this.platform = platform;
  }

  /** {@return the cache for this user on this machine} */
  static Natives here() {
    return new Natives(cacheFolder().resolve("natives"), platform());
  }

  /** {@return whether the jar on the class path brings the CUDA provider for this platform} */
  boolean hasCuda() {
    return find(CUDA) != null;
  }

  /**
   * Makes sure that the libraries are unpacked, the 583 MB of the CUDA provider only if wanted.
   *
   * @return their folder, or null if the jar has none for this platform
   * @throws IOException if the folder cannot be written or is not private
   */
  Path unpack(boolean cuda) throws IOException {
    List<Library> libraries = new ArrayList<>();
    for (String name : ALWAYS) {
      Library library = find(name);
      if (library == null) {
        return null;
      }
      libraries.add(library);
    }
    Library shared = find(SHARED);
    if (shared != null) {
      libraries.add(shared);
    }
    String stamps = String.join("-", libraries.stream().map(Library::stamp).toList());
    Path folder = cache.resolve("onnxruntime-" + platform + "-" + stamps);
    if (!complete(folder, libraries)) {
      unpackFolder(folder, libraries);
    }
    Library provider = cuda ? find(CUDA) : null;
    if (provider != null && !complete(folder, List.of(provider))) {
      unpackInto(folder, provider);
    }
    return folder;
  }

  private Library find(String name) {
    String file = System.mapLibraryName(name);
    // A named module looks into itself first, so ONNX Runtime's own is asked.
    URL source =
        OrtEnvironment.class.getResource("/ai/onnxruntime/native/" + platform + "/" + file);
    if (source == null) {
      return null;
    }
    try {
      URLConnection connection = source.openConnection();
      connection.setUseCaches(false);
      if (connection instanceof JarURLConnection jar) {
        try (var opened = jar.getJarFile()) {
          Objects.requireNonNull(opened);
          var entry = jar.getJarEntry();
          return new Library(file, source, entry.getSize(), Long.toHexString(entry.getCrc()));
        }
      }
      long size = connection.getContentLengthLong();
      return new Library(file, source, size, Long.toHexString(connection.getLastModified()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean complete(Path folder, List<Library> libraries) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    PrivateFolder.require(folder);
    UserPrincipal user = PrivateFolder.posix(folder) ? PrivateFolder.user(folder) : null;
    for (Library library : libraries) {
      Path file = folder.resolve(library.file());
      // A machine that lost power can leave a short file behind a finished rename.
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || Files.size(file) != library.size()) {
        return false;
      }
      if (user != null) {
        PrivateFolder.requireOwner(file, user);
      }
    }
    return true;
  }

  private void unpackFolder(Path folder, List<Library> libraries) throws IOException {
    PrivateFolder.create(cache);
    sweep();
    Path unfinished = Files.createTempDirectory(cache, UNFINISHED);
    try {
      for (Library library : libraries) {
        copy(library, unfinished.resolve(library.file()));
      }
      if (Files.isDirectory(folder) && !complete(folder, libraries)) {
        PrivateFolder.delete(folder);
      }
      try {
        Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        if (!complete(folder, libraries)) { // otherwise another start was faster
          throw e;
        }
      }
    } finally {
      PrivateFolder.delete(unfinished);
    }
  }

  private static void unpackInto(Path folder, Library library) throws IOException {
    Path unfinished = Files.createTempFile(folder, UNFINISHED, "");
    try {
      copy(library, unfinished);
      Files.move(unfinished, folder.resolve(library.file()), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static void copy(Library library, Path target) throws IOException {
    URLConnection connection = library.source().openConnection();
    connection.setUseCaches(false);
    try (InputStream in = connection.getInputStream()) {
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes what starts that were killed have left. */
  private void sweep() throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (Stream<Path> children = Files.list(cache)) {
      for (Path child : children.toList()) {
        if (child.getFileName().toString().startsWith(UNFINISHED)
            && Files.getLastModifiedTime(child).compareTo(limit) < 0) {
          PrivateFolder.delete(child);
        }
      }
    }
  }

  /**
   * Gives the user's cache folder for Djinn; {@code djinn.cache} and {@code DJINN_CACHE} override
   * it.
   */
  static Path cacheFolder() {
    for (String given :
        new String[] {System.getProperty("djinn.cache"), System.getenv("DJINN_CACHE")}) {
      if (given != null && !given.isEmpty()) {
        return Path.of(given);
      }
    }
    String everyones = System.getenv("XDG_CACHE_HOME");
    return everyones != null && Path.of(everyones).isAbsolute() // the others are to be ignored
        ? Path.of(everyones, "djinn")
        : Path.of(System.getProperty("user.home"), ".cache", "djinn");
  }

  /** Names this platform as ONNX Runtime's jar does. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String family = system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux";
    boolean intel = machine.equals("amd64") || machine.equals("x86_64");
    return family + "-" + (intel ? "x64" : machine);
  }

  /**
   * Starts ONNX Runtime from libraries that lie where only this user can have put them, unless the
   * application names a place for them itself.
   *
   * @param more whether more of its libraries may be loaded later, on demand
   * @param start what loads ONNX Runtime's first class
   * @throws SamplerException if there is no such place
   */
  static <T> T with(BooleanSupplier more, Callable<T> start) throws Exception {
    // One object that every class loader of this JVM shares.
    synchronized (Runtime.getRuntime()) {
      String given = System.getProperty(PROPERTY);
      Path folder = given == null ? folder() : givenFolder(given);
      if (folder == null) {
        return start.call();
      }
      System.setProperty(PROPERTY, folder.toString());
      try {
        T started = start.call();
        used = folder;
        return started;
      } finally {
        if (given == null) {
          System.clearProperty(PROPERTY);
        } else {
          System.setProperty(PROPERTY, given);
        }
        goesWithThisProcess(folder, more);
      }
    }
  }

  /** Gives null for the application's own folder, or copies if a class loader has it already. */
  private static Path givenFolder(String given) {
    return loaded(Path.of(given)) ? anew(platform()) : null;
  }

  /** Notes that a folder is loaded from; says whether one has loaded from it before. */
  private static boolean loaded(Path folder) {
    String loaded = System.getProperty(LOADED, "");
    if (loaded.lines().anyMatch(folder.toString()::equals)) {
      return true;
    }
    System.setProperty(LOADED, loaded + folder + "\n");
    return false;
  }

  /** Gives the folder to load from, which no class loader has loaded from yet, or null. */
  private static Path folder() {
    Natives natives = here();
    Path kept;
    try {
      kept = natives.unpack(false);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn(
          "cannot keep ONNX Runtime's libraries in {} ({}): they are unpacked anew at each start;"
              + " name another folder with DJINN_CACHE",
          natives.cache,
          e.toString());
      return anew(natives.platform);
    }
    if (kept == null) {
      return null;
    }
    return loaded(kept) ? anew(natives.platform) : kept;
  }

  private static Path anew(String platform) {
    try {
      return new Natives(PrivateFolder.createForThisProcess(), platform).unpack(false);
    } catch (IOException | UncheckedIOException e) {
      throw new SamplerException(
          SamplerException.Reason.UNAVAILABLE_DEVICE,
          "no private folder for ONNX Runtime's libraries ("
              + e
              + "): name one that only you can write to with DJINN_CACHE",
          e);
    }
  }

  /** What is loaded stays loaded without its file, except on Windows and for CUDA's part. */
  private static void goesWithThisProcess(Path folder, BooleanSupplier more) throws IOException {
    Path parent = folder.getParent();
    if (parent == null || !parent.getFileName().toString().startsWith(PrivateFolder.PREFIX)) {
      return;
    }
    if (PrivateFolder.posix(folder) && !more.getAsBoolean()) {
      PrivateFolder.delete(parent);
      return;
    }
    parent.toFile().deleteOnExit();
    folder.toFile().deleteOnExit();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> file.toFile().deleteOnExit());
    }
  }

  /** Unpacks the 583 MB of the CUDA provider beside the libraries in use. */
  static synchronized void addCuda() throws IOException {
    Library provider = here().find(CUDA);
    if (used != null && provider != null && !complete(used, List.of(provider))) {
      unpackInto(used, provider);
    }
  }

  /** {@return where this class loader's libraries lie; null where ONNX Runtime found its own} */
  static Path used() {
    synchronized (Runtime.getRuntime()) {
      return used;
    }
  }
}
