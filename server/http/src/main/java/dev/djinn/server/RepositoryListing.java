package dev.djinn.server;

import dev.djinn.sampler.FileProblem;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.OneLine;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a folder of models holds now. What cannot be read is told apart from what is gone, since a
 * model is dropped only for the latter: a network drive that stutters takes nothing away.
 *
 * @param models by name and version, each {@code model.onnx}
 * @param unreadable why nothing is known of a model, by its name
 */
record RepositoryListing(
    SortedMap<String, SortedMap<Integer, Path>> models, SortedMap<String, String> unreadable) {

  /**
   * Looks into the folder.
   *
   * @throws IOException if it cannot be listed itself
   */
  static RepositoryListing of(Path folder) throws IOException {
    RepositoryListing listing = new RepositoryListing(new TreeMap<>(), new TreeMap<>());
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        String name = String.valueOf(child.getFileName());
        if (name.chars().anyMatch(Character::isISOControl)) {
          listing.unreadable.put(OneLine.of(name), "there are control characters in its name");
        } else if (!name.startsWith(".")) {
          listing.look(name, child);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return listing;
  }

  private void look(String name, Path model) {
    SortedMap<Integer, Path> versions = new TreeMap<>();
    try {
      if (!Files.readAttributes(model, BasicFileAttributes.class).isDirectory()) {
        return;
      }
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      unreadable.put(name, FileProblem.reason(e));
      return;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(model)) {
      for (Path child : children) {
        String version = String.valueOf(child.getFileName());
        Path file = child.resolve(ModelFiles.FILE);
        if (ModelFiles.isVersion(version) && isFile(file)) {
          versions.put(Integer.valueOf(version), file);
        }
      }
    } catch (NotDirectoryException | NoSuchFileException e) {
      return;
    } catch (DirectoryIteratorException e) {
      unreadable.put(name, FileProblem.reason(e.getCause()));
      return;
    } catch (IOException e) {
      unreadable.put(name, FileProblem.reason(e));
      return;
    }
    if (!versions.isEmpty()) {
      models.put(name, versions);
    }
  }

  private static boolean isFile(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isRegularFile();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      if (Files.isRegularFile(file.getParent())) { // a file that is called as a version is
        return false;
      }
      throw e;
    }
  }

  /** A model's name is its file's, its folder's where the file has none of its own. */
  static String nameOf(Path file) {
    Path folder = file.getParent();
    if (!file.endsWith(ModelFiles.FILE) || folder == null || folder.getFileName() == null) {
      return file.getFileName().toString().replaceFirst("\\.onnx$", "");
    }
    Path above = folder.getParent();
    boolean named = isVersion(folder) && above != null && above.getFileName() != null;
    return (named && Files.isDirectory(above) ? above : folder).getFileName().toString();
  }

  /** A single file's version is its folder's, where that is one. */
  static int versionOf(Path file) {
    Path folder = file.getParent();
    return file.endsWith(ModelFiles.FILE) && folder != null && isVersion(folder)
        ? Integer.parseInt(folder.getFileName().toString())
        : 1;
  }

  private static boolean isVersion(Path folder) {
    return folder.getFileName() != null && ModelFiles.isVersion(folder.getFileName().toString());
  }
}
