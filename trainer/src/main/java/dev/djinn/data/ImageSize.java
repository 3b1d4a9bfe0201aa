package dev.djinn.data;

/**
 * Width and height of pictures.
 *
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
public record ImageSize(int width, int height) {
  /** The least side that may be asked for. */
  public static final int LEAST = 16;

  /** The greatest side that may be asked for. */
  public static final int GREATEST = 256;

  /** The greatest side that is kept without being asked for: more takes long to learn. */
  private static final int GREATEST_UNASKED = 128;

  /**
   * A size as it is asked for.
   *
   * @param text {@code 64} for a square, or {@code 96x64}, width × height
   * @return the size
   * @throws IllegalArgumentException if it is none, or a side is not {@value #LEAST} to {@value
   *     #GREATEST}
   */
  public static ImageSize parse(String text) {
    if (!text.matches("[0-9]{1,6}([xX×][0-9]{1,6})?")) {
      throw new IllegalArgumentException(
          "image size '%s' is neither a side, as 64, nor WIDTHxHEIGHT, as 96x64".formatted(text));
    }
    String[] sides = text.split("[xX×]", -1);
    ImageSize size =
        new ImageSize(Integer.parseInt(sides[0]), Integer.parseInt(sides[sides.length - 1]));
    if (!size.canBeAskedFor()) {
      throw new IllegalArgumentException(
          "image size %s is not in %d to %d a side".formatted(text, LEAST, GREATEST));
    }
    return size;
  }

  /** {@return whether pictures can be brought to it; arrays may have any size of their own} */
  public boolean canBeAskedFor() {
    return within(GREATEST);
  }

  /** Whether pictures keep this size where nobody says otherwise. */
  boolean isUsual() {
    return within(GREATEST_UNASKED);
  }

  private boolean within(int greatest) {
    return Math.min(width, height) >= LEAST && Math.max(width, height) <= greatest;
  }

  /** The largest square in it. */
  ImageSize square() {
    int side = Math.min(width, height);
    return new ImageSize(side, side);
  }

  int pixels() {
    return width * height;
  }

  /** Whether both are equally wide for their height. */
  boolean hasShapeOf(ImageSize other) {
    return (long) width * other.height == (long) height * other.width;
  }

  /** A side alone for a square, as {@link #parse} takes it. */
  public String option() {
    return width == height ? Integer.toString(width) : toString();
  }

  /** {@return such as {@code 96x64}, width × height} */
  @Override
  public String toString() {
    return width + "x" + height;
  }
}
