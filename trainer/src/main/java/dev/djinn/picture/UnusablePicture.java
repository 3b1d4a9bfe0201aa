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
}
