package dev.djinn.data;

/** Bounds that keep a hostile or mistaken file from taking the machine's memory. */
final class DataLimits {
  /**
   * The longest array that every JVM can make; a set is one array, on the host and on the device.
   */
  static final int GREATEST_ARRAY = Integer.MAX_VALUE - 8;

  /** Files in one zip. */
  static final int MOST_ZIP_ENTRIES = 2_000_000;

  private DataLimits() {}
}
