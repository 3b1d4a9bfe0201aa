package dev.djinn.run;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a run in another process may be asked for between two steps, by an empty file in its folder.
 * None of it changes what the run computes.
 */
public enum RunRequest {
  /** To draw a sample sheet. */
  DRAW(".draw-now"),
  /** To save a checkpoint. */
  SAVE(".save-now"),
  /** To end after the current step, as an interruption would. */
  STOP(".stop-now");

  private final String file;

  RunRequest(String file) {
    this.file = file;
  }

  /**
   * Asks a run.
   *
   * @param run its folder
   * @throws IOException if it cannot be written to
   */
  public void ask(Path run) throws IOException {
    Path asked = run.resolve(file);
    if (!Files.exists(asked)) {
      Files.createFile(asked);
    }
  }

  /**
   * Takes what a run was asked for, so that nobody finds it again.
   *
   * @param run its folder
   * @return nothing most of the time
   * @throws IOException if a request cannot be removed
   */
  public static Set<RunRequest> take(Path run) throws IOException {
    Set<RunRequest> asked = EnumSet.noneOf(RunRequest.class);
    for (RunRequest request : values()) {
      // Not Files.exists, which throws and catches where there is none.
      if (new File(run.toFile(), request.file).exists()
          && Files.deleteIfExists(run.resolve(request.file))) {
        asked.add(request);
      }
    }
    return asked;
  }
}
