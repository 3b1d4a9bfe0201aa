package dev.djinn.sampler;

/**
 * Makes what others have written fit into a sentence: names of files, tensors and labels, and what
 * a client sends, may hold any character and be of any length, but a message stays one line of a
 * log, and does nothing to a terminal.
 */
public final class OneLine {
  private static final int LONGEST = 1000;

  private OneLine() {}

  /** {@return what ONNX Runtime says on its first line, which is enough for one of ours} */
  static String first(Exception e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message).strip();
  }

  /**
   * Makes a text one line: breaks become spaces, other control characters question marks, and of
   * more than 1,000 characters the first are left.
   *
   * @param text anything
   * @return the line
   */
  public static String of(String text) {
    boolean fits = text.length() <= LONGEST;
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && line.length() < LONGEST; i++) {
      char c = text.charAt(i);
      boolean blank = c == '\n' || c == '\r' || c == '\t' || c == '\u2028' || c == '\u2029';
      line.append(blank ? ' ' : Character.isISOControl(c) ? '?' : c);
    }
    if (fits) {
      return line.toString();
    }
    int last = line.length() - 1;
    line.setLength(Character.isHighSurrogate(line.charAt(last)) ? last : last + 1);
    return line.append('…').toString();
  }
}
