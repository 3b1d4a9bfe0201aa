package dev.djinn.sampler;

/**
 * Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011): a keyed
 * bijection from a counter of four words to four random words, so that any number of any sample can
 * be had without those before it.
 */
final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long WORD = 0xFFFFFFFFL;

  /** The four words of the last {@link #block}. */
  int word0;

  int word1;
  int word2;
  int word3;

  /** Sets the four words from a key (two words, low first) and a counter of four words. */
  void block(long key, int counter0, int counter1, int counter2, int counter3) {
    int key0 = (int) key;
    int key1 = (int) (key >>> 32);
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    for (int round = 0; round < 10; round++) {
      long product0 = MULTIPLIER_0 * (c0 & WORD);
      long product1 = MULTIPLIER_1 * (c2 & WORD);
      c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
      c3 = (int) product0;
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    word0 = c0;
    word1 = c1;
    word2 = c2;
    word3 = c3;
  }
}
