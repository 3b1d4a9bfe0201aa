package dev.djinn.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Turns what the file system throws into one line that says what is wrong. */
final class Failures {
  private Failures() {}

  static DataException reading(String file, IOException e) {
    String why;
    if (e instanceof NoSuchFileException) {
      why = "no such file";
    } else if (e instanceof AccessDeniedException) {
      why = "permission denied";
    } else {
      why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
    return new DataException("%s: cannot be read: %s".formatted(file, why), e);
  }
}
