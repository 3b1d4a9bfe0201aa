package dev.djinn.data;

/**
 * One picture among many that cannot be used; it is skipped, counted and listed with this reason.
 */
final class UnusablePicture extends Exception {
  private static final long serialVersionUID = 1;

  UnusablePicture(String reason) {
    super(reason);
  }
}
