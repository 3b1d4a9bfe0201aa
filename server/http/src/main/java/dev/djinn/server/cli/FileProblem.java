package dev.djinn.server.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Turns the JDK's file exceptions, whose message is often a bare path, into sentences. */
final class FileProblem {
  private FileProblem() {}

  static String sentence(IOException e) {
    if (!(e instanceof FileSystemException problem) || problem.getFile() == null) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
    String file = problem.getOtherFile() == null ? problem.getFile() : problem.getOtherFile();
    return file + ": " + reason(problem);
  }

  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "exists already";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "is a folder that is not empty";
    }
    if (e instanceof NotDirectoryException) {
      return "is not a folder";
    }
    if (e instanceof FileSystemException problem && problem.getReason() != null) {
      return problem.getReason();
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
