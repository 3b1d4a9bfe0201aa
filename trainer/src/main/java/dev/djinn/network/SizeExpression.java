package dev.djinn.network;

import java.util.Map;

/**
 * Sizes in network files may be written in terms of the picture and the latent, so that one file
 * serves every image size: {@code 256*height/4*width/4}. Whole numbers, names, + − * / and
 * parentheses; a division that leaves a remainder is an error.
 */
final class SizeExpression {
  private final String text;
  private final Map<String, Integer> names;
  private int at;

  private SizeExpression(String text, Map<String, Integer> names) {
    this.text = text;
    this.names = names;
  }

  /**
   * Evaluates an expression.
   *
   * @param text the expression
   * @param names values of the names it may use
   * @return its value
   * @throws NetworkException naming what is wrong
   */
  static int evaluate(String text, Map<String, Integer> names) {
    SizeExpression expression = new SizeExpression(text, names);
    long value = expression.sum();
    expression.skipSpace();
    if (expression.at < text.length()) {
      throw expression.failure("unexpected '" + text.charAt(expression.at) + "'");
    }
    if (value > Integer.MAX_VALUE || value < Integer.MIN_VALUE) {
      throw expression.failure("too large");
    }
    return (int) value;
  }

  private long sum() {
    long value = product();
    while (true) {
      if (take('+')) {
        value = Math.addExact(value, product());
      } else if (take('-')) {
        value = Math.subtractExact(value, product());
      } else {
        return value;
      }
    }
  }

  private long product() {
    long value = atom();
    while (true) {
      if (take('*')) {
        value = Math.multiplyExact(value, atom());
      } else if (take('/')) {
        long divisor = atom();
        if (divisor == 0 || value % divisor != 0) {
          throw failure(value + " is not a multiple of " + divisor);
        }
        value /= divisor;
      } else {
        return value;
      }
    }
  }

  private long atom() {
    skipSpace();
    if (take('(')) {
      long value = sum();
      if (!take(')')) {
        throw failure("missing ')'");
      }
      return value;
    }
    if (take('-')) {
      return -atom();
    }
    int start = at;
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    String word = text.substring(start, at);
    if (word.matches("[0-9]{1,9}")) {
      return Integer.parseInt(word);
    }
    Integer value = names.get(word);
    if (value == null && word.matches("side|base")) {
      throw failure(
          word.equals("side")
              ? "side is for square pictures, and these are not: write height and width"
              : "base is for square pictures, and these are not: write baseHeight and baseWidth");
    }
    if (value == null) {
      throw failure(
          "expected a whole number or one of "
              + String.join(", ", names.keySet().stream().sorted().toList()));
    }
    return value;
  }

  private boolean take(char wanted) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private NetworkException failure(String why) {
    return new NetworkException("'" + text + "': " + why);
  }
}
