package dev.djinn.picture;

/** The tables that are in force at a place of a JPEG. */
final class JpegTables {
  private static final int BLOCK = 64;

  private final HuffmanCode[] dc = new HuffmanCode[4];
  private final HuffmanCode[] ac = new HuffmanCode[4];
  private final int[][] quantisation = new int[4][];
  private int restartInterval;

  void huffman(byte[] content) throws UnusablePicture {
    int at = 0;
    while (at < content.length) {
      int kind = content[at] & 0xff;
      if ((kind & 0xf) > 3 || kind > 0x1f || at + 17 > content.length) {
        throw new UnusablePicture("damaged: a code table that cannot be");
      }
      int symbols = 0;
      for (int i = 1; i <= 16; i++) {
        symbols += content[at + i] & 0xff;
      }
      if (at + 17 + symbols > content.length) {
        throw new UnusablePicture("damaged: a code table that is cut");
      }
      (kind < 0x10 ? dc : ac)[kind & 0xf] = new HuffmanCode(content, at + 1, symbols);
      at += 17 + symbols;
    }
  }

  void quantisation(byte[] content) throws UnusablePicture {
    int at = 0;
    while (at < content.length) {
      int kind = content[at] & 0xff;
      int width = kind >> 4 == 0 ? 1 : 2;
      if ((kind & 0xf) > 3 || at + 1 + width * BLOCK > content.length) {
        throw new UnusablePicture("damaged: a quantisation table that cannot be");
      }
      int[] steps = new int[BLOCK];
      for (int i = 0; i < BLOCK; i++) {
        int from = at + 1 + i * width;
        steps[i] =
            width == 1
                ? content[from] & 0xff
                : (content[from] & 0xff) << 8 | (content[from + 1] & 0xff);
      }
      quantisation[kind & 0xf] = steps;
      at += 1 + width * BLOCK;
    }
  }

  void restartInterval(byte[] content) {
    restartInterval = (content[0] & 0xff) << 8 | (content[1] & 0xff);
  }

  int restartInterval() {
    return restartInterval;
  }

  HuffmanCode dc(int number) throws UnusablePicture {
    return there(dc[number & 3]);
  }

  HuffmanCode ac(int number) throws UnusablePicture {
    return there(ac[number & 3]);
  }

  /** Steps by which coefficients are multiplied, in zigzag order. */
  int[] quantisation(int number) throws UnusablePicture {
    return there(quantisation[number & 3]);
  }

  private static <T> T there(T table) throws UnusablePicture {
    if (table == null) {
      throw new UnusablePicture("damaged: a table is missing");
    }
    return table;
  }
}
