package dev.djinn.picture;

/**
 * One picture that cannot be used, for the reason in the message; among many it is skipped, counted
 * and listed.
 */
public final class UnusablePicture extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param reason a clause, without the file's name
   */
  public UnusablePicture(String reason) {
    super(reason);
  }

  static UnusablePicture tooLarge() {
    return new UnusablePicture(
        "decoding it takes more than Java's memory of %d MB"
            .formatted(Runtime.getRuntime().maxMemory() >> 20));
  }

  /** Why a reader gave up, in one line. */
  static UnusablePicture damaged(Exception e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return tooLarge();
      }
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new UnusablePicture(
        "damaged: " + message.lines().findFirst().orElse(e.getClass().getSimpleName()));
  }
}
