package dev.djinn.picture;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The scans of a JPEG, read as strictly as the format can be: every block must be there, made of
 * code words that exist, with coefficients in their places and within what eight bits can give.
 * Nothing is decoded to pixels.
 *
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81, annexes F and G</a>
 */
final class JpegScans {
  private static final int LAST = 63;

  /** The symbol of sixteen coefficients that are 0. */
  private static final int ZEROS = 0xf0;

  /** What a coefficient times its quantisation step can be at most: 1,024, and what is rounded. */
  private static final int GREATEST = 1280;

  private final byte[] file;
  private final boolean progressive;
  private final JpegTables tables;
  private final int height;
  private final int width;
  private final JpegComponent[] all;
  private int unitsAcross;
  private int unitsDown;

  // of the scan that is being read
  private JpegBits in;
  private int first;
  private int last;
  private int high;
  private int low;
  private int endOfBlocks;
  private final JpegBlock pixels = new JpegBlock();

  /**
   * @param file all of the JPEG
   * @param frame the content of its frame header
   * @param tables as they are when a scan begins
   */
  JpegScans(byte[] file, byte[] frame, boolean progressive, JpegTables tables)
      throws UnusablePicture {
    this.file = file;
    this.progressive = progressive;
    this.tables = tables;
    height = (frame[1] & 0xff) << 8 | (frame[2] & 0xff);
    width = (frame[3] & 0xff) << 8 | (frame[4] & 0xff);
    Picture.checkSize(width, height);
    all = new JpegComponent[frame[5] & 0xff];
    int across = 1;
    int down = 1;
    for (int i = 0; i < all.length; i++) {
      int at = 6 + 3 * i;
      JpegComponent component =
          new JpegComponent(
              frame[at] & 0xff, frame[at + 1] >> 4 & 0xf, frame[at + 1] & 0xf, frame[at + 2]);
      if (component.across < 1
          || component.across > 4
          || component.down < 1
          || component.down > 4) {
        throw new UnusablePicture("damaged: a sampling factor that cannot be");
      }
      all[i] = component;
      across = Math.max(across, component.across);
      down = Math.max(down, component.down);
    }
    measure(across, down);
  }

  private void measure(int across, int down) {
    unitsAcross = divided(width, 8 * across);
    unitsDown = divided(height, 8 * down);
    for (JpegComponent component : all) {
      component.columns = divided(divided(width * component.across, across), 8);
      component.rows = divided(divided(height * component.down, down), 8);
      component.paddedColumns = unitsAcross * component.across;
      if (progressive) {
        component.known = new long[component.paddedColumns * unitsDown * component.down];
      }
    }
  }

  private static int divided(int length, int by) {
    return (length + by - 1) / by;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  int components() {
    return all.length;
  }

  boolean isNamed(int... names) {
    return Arrays.equals(Arrays.stream(all).mapToInt(component -> component.id).toArray(), names);
  }

  /**
   * Reads a scan.
   *
   * @param header the content of its header
   * @param start where its pixels begin
   * @param clean takes its pixels, without what an encoder may leave behind them
   * @return where they end
   */
  int scan(byte[] header, int start, ByteArrayOutputStream clean) throws UnusablePicture {
    int count = header[0] & 0xff;
    if (count < 1 || count > 4 || header.length < 4 + 2 * count) {
      throw new UnusablePicture("damaged: a scan of %d components".formatted(count));
    }
    JpegComponent[] scanned = new JpegComponent[count];
    first = header[1 + 2 * count];
    last = header[2 + 2 * count];
    high = header[3 + 2 * count] >> 4 & 0xf;
    low = header[3 + 2 * count] & 0xf;
    if (!progressive) {
      first = 0;
      last = LAST;
      high = 0;
      low = 0;
    }
    if (first < 0 || last < first || last > LAST || low > 13 || (first > 0 && count > 1)) {
      throw new UnusablePicture("damaged: a scan that cannot be");
    }
    for (int i = 0; i < count; i++) {
      scanned[i] = component(header[1 + 2 * i] & 0xff);
      int numbers = header[2 + 2 * i];
      if (first == 0 && high == 0) {
        scanned[i].dc = tables.dc(numbers >> 4);
      }
      if (last > 0) {
        scanned[i].ac = tables.ac(numbers);
      }
      scanned[i].steps = tables.quantisation(scanned[i].table);
      scanned[i].rounding = JpegBlock.rounding(scanned[i].steps);
    }
    in = new JpegBits(file, start);
    int end = blocks(scanned, start, clean);
    for (JpegComponent component : scanned) {
      Arrays.fill(component.missing, first, last + 1, low);
    }
    return end;
  }

  private JpegComponent component(int id) throws UnusablePicture {
    for (JpegComponent component : all) {
      if (component.id == id) {
        return component;
      }
    }
    throw new UnusablePicture("damaged: a scan of no component");
  }

  private int blocks(JpegComponent[] scanned, int start, ByteArrayOutputStream clean)
      throws UnusablePicture {
    boolean single = scanned.length == 1;
    int across = single ? scanned[0].columns : unitsAcross;
    int units = across * (single ? scanned[0].rows : unitsDown);
    int from = start;
    restart(scanned);
    for (int unit = 0; unit < units; unit++) {
      if (tables.restartInterval() > 0 && unit > 0 && unit % tables.restartInterval() == 0) {
        int end = in.end();
        int number = (unit / tables.restartInterval() - 1) % 8;
        in.restart(number);
        clean.write(file, from, end - from);
        clean.write(0xff);
        clean.write(0xd0 + number);
        from = in.position();
        restart(scanned);
      }
      int row = unit / across;
      int column = unit % across;
      if (single) {
        block(scanned[0], row * scanned[0].paddedColumns + column);
      } else {
        for (JpegComponent component : scanned) {
          for (int y = 0; y < component.down; y++) {
            for (int x = 0; x < component.across; x++) {
              block(
                  component,
                  (row * component.down + y) * component.paddedColumns
                      + column * component.across
                      + x);
            }
          }
        }
      }
    }
    restart(scanned);
    int end = in.end();
    clean.write(file, from, end - from);
    return in.position();
  }

  private void restart(JpegComponent[] scanned) throws UnusablePicture {
    if (endOfBlocks > 0) {
      // More blocks have ended than there are.
      throw impossible();
    }
    for (JpegComponent component : scanned) {
      component.predicted = 0;
    }
  }

  private void block(JpegComponent component, int number) throws UnusablePicture {
    if (!progressive) {
      pixels.clear();
      firstOfAll(component);
      sequential(component);
      if (!pixels.isPossible(component.rounding)) {
        throw impossible();
      }
    } else if (first == 0) {
      if (high == 0) {
        firstOfAll(component);
      } else {
        in.next(1);
      }
    } else if (high == 0) {
      others(component, number);
    } else {
      refined(component, number);
    }
  }

  private void firstOfAll(JpegComponent component) throws UnusablePicture {
    int length = component.dc.next(in);
    if (length > 11) {
      throw impossible();
    }
    component.predicted += in.signed(length);
    check(component, 0, component.predicted);
    pixels.set(0, component.predicted * component.steps[0]);
  }

  private void sequential(JpegComponent component) throws UnusablePicture {
    int before = 0;
    for (int k = 1; k <= LAST; k++) {
      int symbol = component.ac.next(in);
      int length = symbol & 0xf;
      int run = symbol >> 4;
      if (length == 0 && run != 15) {
        checkEnd(before, run == 0);
        return;
      }
      before = symbol;
      k += run;
      if (k > LAST) {
        throw impossible();
      }
      int value = in.signed(length);
      check(component, k, value);
      pixels.set(k, value * component.steps[k]);
    }
  }

  private void others(JpegComponent component, int number) throws UnusablePicture {
    if (endOfBlocks > 0) {
      endOfBlocks--;
      return;
    }
    int before = 0;
    for (int k = first; k <= last; k++) {
      int symbol = component.ac.next(in);
      int length = symbol & 0xf;
      int run = symbol >> 4;
      if (length == 0 && run != 15) {
        checkEnd(before, true);
        endOfBlocks = (1 << run) - 1 + in.next(run);
        return;
      }
      before = symbol;
      k += run;
      if (k > last) {
        throw impossible();
      }
      if (length != 0) {
        check(component, k, in.signed(length));
        component.known[number] |= 1L << k;
      }
    }
  }

  private void refined(JpegComponent component, int number) throws UnusablePicture {
    int k = first;
    if (endOfBlocks == 0) {
      for (; k <= last; k++) {
        int symbol = component.ac.next(in);
        int length = symbol & 0xf;
        int run = symbol >> 4;
        if (length > 1) {
          throw impossible();
        }
        if (length == 0 && run != 15) {
          endOfBlocks = (1 << run) + in.next(run);
          break;
        }
        if (length == 1) {
          in.next(1);
        }
        k = passOver(component, number, k, run);
        if (length == 1) {
          if (k > last) {
            throw impossible();
          }
          component.known[number] |= 1L << k;
        }
      }
    }
    if (endOfBlocks > 0) {
      passOver(component, number, k, LAST);
      endOfBlocks--;
    }
  }

  /** Refines known coefficients up to the one behind so many that are 0; returns its index. */
  private int passOver(JpegComponent component, int number, int from, int zeros)
      throws UnusablePicture {
    int left = zeros;
    int k = from;
    for (; k <= last; k++) {
      if ((component.known[number] >> k & 1) != 0) {
        in.next(1);
      } else if (--left < 0) {
        break;
      }
    }
    return k;
  }

  /** Sixteen zeros are coded only before a coefficient that is none (T.81, F.1.2.2.1). */
  private static void checkEnd(int symbolBefore, boolean exists) throws UnusablePicture {
    if (symbolBefore == ZEROS || !exists) {
      throw impossible();
    }
  }

  private void check(JpegComponent component, int k, int value) throws UnusablePicture {
    // As much as a step may be lost to rounding.
    long step = (long) component.steps[k] << low;
    if (Math.abs(value * step) > GREATEST + step) {
      throw impossible();
    }
  }

  private static UnusablePicture impossible() {
    return new UnusablePicture("damaged: its pixels hold values that cannot be");
  }

  /** Refuses a picture of which a scan is missing, all of it or its finest bits. */
  void checkWhole() throws UnusablePicture {
    for (JpegComponent component : all) {
      for (int k = 0; k <= LAST; k++) {
        if (component.missing[k] != 0) {
          throw new UnusablePicture("damaged: part of its pixels is missing");
        }
      }
    }
  }
}
