package dev.djinn.picture;

import java.util.Arrays;

/**
 * A canonical Huffman code with words of up to 16 bits.
 *
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81, annex C</a>
 */
final class HuffmanCode {
  private static final int LONGEST = 16;
  private static final int FAST = 9;

  private final byte[] symbols;

  /** For each start of FAST bits the word's length × 256 + its symbol; 0 if the word is longer. */
  private final short[] fast = new short[1 << FAST];

  /** By length, the first word that is too large to be one of that length. */
  private final int[] end = new int[LONGEST + 1];

  /** By length, what leads from a word to the index of its symbol. */
  private final int[] shift = new int[LONGEST + 1];

  /**
   * @param table 16 counts of words by length, then the symbols
   * @param from where the counts begin
   * @param count how many symbols there are
   */
  HuffmanCode(byte[] table, int from, int count) throws UnusablePicture {
    symbols = Arrays.copyOfRange(table, from + LONGEST, from + LONGEST + count);
    int word = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST; length++) {
      int words = table[from + length - 1] & 0xff;
      shift[length] = index - word;
      for (int i = 0; i < words && length <= FAST; i++) {
        fill(word + i, length, symbols[index + i] & 0xff);
      }
      word += words;
      index += words;
      end[length] = word;
      if (word > 1 << length) {
        throw new UnusablePicture("damaged: a code table with more words than there can be");
      }
      word <<= 1;
    }
  }

  private void fill(int word, int length, int symbol) throws UnusablePicture {
    if (word >= 1 << length) {
      throw new UnusablePicture("damaged: a code table with more words than there can be");
    }
    int free = FAST - length;
    for (int i = 0; i < 1 << free; i++) {
      fast[word << free | i] = (short) (length << 8 | symbol);
    }
  }

  /** The next symbol. */
  int next(JpegBits in) throws UnusablePicture {
    int ahead = in.peek();
    int known = fast[ahead >> (LONGEST - FAST)];
    if (known != 0) {
      in.skip(known >> 8);
      return known & 0xff;
    }
    for (int length = 1; length <= LONGEST; length++) {
      int word = ahead >> (LONGEST - length);
      if (word < end[length] && word + shift[length] >= 0) {
        in.skip(length);
        return symbols[word + shift[length]] & 0xff;
      }
    }
    // Past the end the bits are zeros, which may be no word: what is wrong is the end.
    in.skip(1);
    throw new UnusablePicture("damaged: its pixels hold a code that is none");
  }
}
