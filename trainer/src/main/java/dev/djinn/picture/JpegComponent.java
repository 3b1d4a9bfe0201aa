package dev.djinn.picture;

import java.util.Arrays;

/** A colour, or lightness, of a JPEG: how it is laid out, and what is known of it so far. */
final class JpegComponent {
  private static final int COEFFICIENTS = 64;

  final int id;
  final int across;
  final int down;
  final int table;

  /** Blocks in a row, whole units and those that hold pixels. */
  int paddedColumns;

  int columns;
  int rows;

  /** Of a progressive picture, for each block which coefficients are not 0. */
  long[] known = {};

  /** Of each coefficient the bits below which nothing is known yet; −1 if nothing at all. */
  final int[] missing = new int[COEFFICIENTS];

  int predicted;
  HuffmanCode dc;
  HuffmanCode ac;
  int[] steps;
  double rounding;

  JpegComponent(int id, int across, int down, int table) {
    this.id = id;
    this.across = across;
    this.down = down;
    this.table = table;
    Arrays.fill(missing, -1);
  }
}
