package dev.djinn.picture;

import java.util.Arrays;

/**
 * One block of a JPEG's coefficients, and whether pixels can have been coded so. An encoder begins
 * with numbers of eight bits and rounds their transform to whole quantisation steps: what comes of
 * that is near to numbers of eight bits, since the transform keeps distances.
 *
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81, A.3.3</a>
 */
final class JpegBlock {
  private static final int SIDE = 8;
  private static final int LENGTH = SIDE * SIDE;

  /** The place of each coefficient in its block, row by row (T.81, figure A.6). */
  private static final int[] ZIGZAG = zigzag();

  /** By frequency and place, the basis of the transform, which is orthonormal. */
  private static final float[][] BASIS = basis();

  /** The share by which libjpeg's fast transform and others like it are wrong, and some more. */
  private static final double WRONG = 0.1;

  private static final float DARKEST = -128 - 4;

  /** MozJPEG makes white whiter, by at most 31, so that it does not ring. */
  private static final float BRIGHTEST = 127 + 31;

  private final float[] coefficients = new float[LENGTH];

  /** What no pixel is further from 0 than. */
  private float reach;

  private static int[] zigzag() {
    int[] order = new int[LENGTH];
    int k = 0;
    for (int diagonal = 0; diagonal < 2 * SIDE - 1; diagonal++) {
      for (int i = Math.max(0, diagonal - SIDE + 1); i <= Math.min(diagonal, SIDE - 1); i++) {
        int row = diagonal % 2 == 0 ? diagonal - i : i;
        order[k++] = row * SIDE + diagonal - row;
      }
    }
    return order;
  }

  private static float[][] basis() {
    float[][] basis = new float[SIDE][SIDE];
    for (int u = 0; u < SIDE; u++) {
      for (int x = 0; x < SIDE; x++) {
        double scale = u == 0 ? Math.sqrt(1.0 / SIDE) : Math.sqrt(2.0 / SIDE);
        basis[u][x] = (float) (scale * Math.cos((2 * x + 1) * u * Math.PI / (2 * SIDE)));
      }
    }
    return basis;
  }

  /**
   * How far rounding to whole steps can have moved a block, by the Euclidean distance.
   *
   * @param steps of the quantisation, in any order
   */
  static double rounding(int[] steps) {
    double squares = 0;
    for (int step : steps) {
      squares += 0.25 * step * step;
    }
    return Math.sqrt(squares);
  }

  void clear() {
    Arrays.fill(coefficients, 0);
    reach = 0;
  }

  /**
   * Sets a coefficient.
   *
   * @param k its place in zigzag order
   * @param value times its step
   */
  void set(int k, float value) {
    coefficients[ZIGZAG[k]] = value;
    reach += Math.abs(value) / (k == 0 ? SIDE : SIDE / 2);
  }

  /**
   * Whether pixels of eight bits can have become this block.
   *
   * @param rounding how far {@link #rounding} can have moved it
   */
  boolean isPossible(double rounding) {
    return reach <= -DARKEST || distance() <= rounding + WRONG * length();
  }

  /** Of all but the first coefficient, a mean, in which no transform is wrong. */
  private double length() {
    double squares = 0;
    for (int i = 1; i < LENGTH; i++) {
      squares += coefficients[i] * coefficients[i];
    }
    return Math.sqrt(squares);
  }

  /** The distance of the block's pixels from the nearest ones of eight bits. */
  private double distance() {
    float[] rows = new float[LENGTH];
    for (int v = 0; v < SIDE; v++) {
      for (int u = 0; u < SIDE; u++) {
        float coefficient = coefficients[v * SIDE + u];
        if (coefficient != 0) {
          for (int x = 0; x < SIDE; x++) {
            rows[v * SIDE + x] += coefficient * BASIS[u][x];
          }
        }
      }
    }
    double squares = 0;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        float pixel = 0;
        for (int v = 0; v < SIDE; v++) {
          pixel += rows[v * SIDE + x] * BASIS[v][y];
        }
        float over = Math.max(0, Math.max(pixel - BRIGHTEST, DARKEST - pixel));
        squares += over * over;
      }
    }
    return Math.sqrt(squares);
  }
}
