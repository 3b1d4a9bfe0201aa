package dev.djinn.data;

/** Bounds that keep a hostile or mistaken file from taking the machine's memory. */
final class Limits {
  /**
   * The longest array that every JVM can make; a set is one array, on the host and on the device.
   */
  static final int GREATEST_ARRAY = Integer.MAX_VALUE - 8;

  /** Bytes of one picture's file, a camera's largest being about 50 MB. */
  static final int GREATEST_PICTURE_FILE = 128 << 20;

  /**
   * Pixels of one picture before it is resized; decoding so many takes about 450 MB for a moment.
   */
  static final long GREATEST_PICTURE_PIXELS = 64L << 20;

  /** Files in one zip. */
  static final int MOST_ZIP_ENTRIES = 2_000_000;

  private Limits() {}
}
