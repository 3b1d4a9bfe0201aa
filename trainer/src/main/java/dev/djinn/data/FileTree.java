package dev.djinn.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Files with names like {@code cats/tom.png}, in a folder or a zip. */
sealed interface FileTree extends AutoCloseable {
  /**
   * A file or a folder in it.
   *
   * @param name with forward slashes; a folder's ends with one
   * @param file what is in it
   * @param fault why it cannot be read, if that is known already
   */
  record Entry(String name, DataFile file, Optional<String> fault) {
    boolean isFolder() {
      return name.endsWith("/");
    }

    /** Whether it, or a folder that it lies in, is hidden or what a Mac adds to a zip. */
    boolean isHidden() {
      return Stream.of(name.split("/", -1))
          .anyMatch(
              part -> (part.startsWith(".") && !part.equals("..")) || part.equals("__MACOSX"));
    }

    /** The name behind the last slash. */
    String baseName() {
      return name.substring(name.lastIndexOf('/') + 1);
    }

    /** The folder that it lies in, with a slash at the end, or nothing. */
    String folder() {
      return name.substring(0, name.lastIndexOf('/') + 1);
    }
  }

  /** What the user calls it. */
  Path place();

  /** All files and folders, by name. */
  List<Entry> entries() throws IOException;

  @Override
  void close() throws IOException;

  /** A folder and all folders in it, links followed. */
  record Folder(Path place) implements FileTree {
    @Override
    public List<Entry> entries() throws IOException {
      try (Stream<Path> files = Files.walk(place, FileVisitOption.FOLLOW_LINKS)) {
        return files
            .filter(path -> !path.equals(place))
            .map(this::entry)
            .sorted(Comparator.comparing(Entry::name))
            .toList();
      } catch (UncheckedIOException e) {
        // What is wrong inside is met on the way: name it, not the whole folder.
        IOException cause = e.getCause();
        String at = cause instanceof FileSystemException file ? file.getFile() : null;
        throw DataException.reading(at == null ? place.toString() : at, cause);
      }
    }

    /** Opened by its path: the name of one may not be what the system can be asked for. */
    private Entry entry(Path path) {
      String name = place.relativize(path).toString().replace('\\', '/');
      DataFile.Opener opener = () -> new PiecewiseInputStream(Files.newInputStream(path));
      if (Files.isDirectory(path)) {
        return new Entry(name + "/", new DataFile(path.toString(), 0, opener), Optional.empty());
      }
      boolean regular = Files.isRegularFile(path);
      Optional<String> fault =
          regular
              ? Optional.empty()
              : Optional.of(
                  Files.isSymbolicLink(path) && !Files.exists(path)
                      ? "a link that leads nowhere"
                      : "a pipe, socket or device, not a file");
      return new Entry(
          name, new DataFile(path.toString(), regular ? size(path) : 0, opener), fault);
    }

    private static long size(Path path) {
      try {
        return Files.size(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {}
  }

  /** A zip; its names are only names, nothing is unpacked to disk. */
  record Zip(Path place, ZipFile file) implements FileTree {
    // Deflate cannot shrink further than this (258 bytes in 2 bits).
    private static final long GREATEST_DEFLATE_RATIO = 1032;

    /** Of names that are not UTF-8 and do not say what they are (APPNOTE 6.3.10, appendix D). */
    private static final String CODE_PAGE = "IBM437";

    /** Of two files of one name only one can be asked for. */
    private static final String SECOND = "a second file of this name in the zip";

    Zip(Path place) throws IOException {
      this(place, open(place));
    }

    private static ZipFile open(Path place) throws IOException {
      try {
        return new ZipFile(place.toFile());
      } catch (ZipException e) {
        // Many programs write UTF-8 without saying so: only what cannot be that is something else.
        if (e.getMessage().contains("bad entry name") && Charset.isSupported(CODE_PAGE)) {
          return new ZipFile(place.toFile(), Charset.forName(CODE_PAGE));
        }
        throw new ZipException(reason(e.getMessage()));
      }
    }

    /** In a user's words what Java says of zips that it does not open, else what it says. */
    private static String reason(String said) {
      if (said.contains("encrypted entry")) {
        return "it is locked with a password; unpack it and give the folder";
      }
      if (said.contains("bad compression method")) {
        return "it is packed by another method than deflate; unpack it and give the folder";
      }
      return said.contains("END header not found")
          ? "it is no zip, or its end is missing, where a zip lists what it holds"
          : said;
    }

    @Override
    public List<Entry> entries() {
      if (file.size() > DataLimits.MOST_ZIP_ENTRIES) {
        throw new DataException(
            "%s: %d entries are more than the %d that a zip may have"
                .formatted(place, file.size(), DataLimits.MOST_ZIP_ENTRIES));
      }
      Set<String> seen = new HashSet<>();
      List<Entry> entries = new ArrayList<>();
      for (ZipEntry entry : file.stream().toList()) {
        String name = named(entry.getName());
        boolean first = seen.add(name);
        if (!name.isEmpty() && (first || !name.endsWith("/"))) {
          Optional<String> fault = first ? Optional.empty() : Optional.of(SECOND);
          entries.add(new Entry(name, dataFile(entry, name), fault));
        }
      }
      entries.sort(Comparator.comparing(Entry::name));
      return entries;
    }

    /** With forward slashes, where some programs for Windows write backward ones. */
    private static String named(String raw) {
      String slashed = raw.contains("/") ? raw : raw.replace('\\', '/');
      String joined =
          Arrays.stream(slashed.split("/"))
              .filter(part -> !part.isEmpty() && !part.equals("."))
              .collect(Collectors.joining("/"));
      return slashed.endsWith("/") && !joined.isEmpty() ? joined + "/" : joined;
    }

    private DataFile dataFile(ZipEntry entry, String name) {
      long packed = Math.max(0, entry.getCompressedSize());
      long most =
          entry.getMethod() == ZipEntry.STORED ? packed : packed * GREATEST_DEFLATE_RATIO + 64;
      long length = entry.getSize() < 0 ? most : Math.min(most, entry.getSize());
      return new DataFile(place + ": " + name, length, () -> file.getInputStream(entry));
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
