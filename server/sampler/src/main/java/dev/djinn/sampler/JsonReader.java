package dev.djinn.sampler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict JSON reader (RFC 8259) for the few short values in a model's metadata, so that the
 * library needs no JSON dependency. Gives {@code Map<String, Object>}, {@code List<Object>}, {@code
 * String}, {@code Long}, {@code Double}, {@code Boolean} and null; refuses duplicate keys and what
 * is nested deeper than {@value #MAX_DEPTH}.
 */
final class JsonReader {
  static final int MAX_DEPTH = 32;

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private final String text;
  private int at;

  private JsonReader(String text) {
    this.text = text;
  }

  /**
   * Reads one value.
   *
   * @throws IllegalArgumentException saying what is wrong and at which character
   */
  static Object read(String text) {
    JsonReader reader = new JsonReader(text);
    Object value = reader.value(0);
    reader.skipSpace();
    if (reader.at < text.length()) {
      throw reader.wrong("something after the value");
    }
    return value;
  }

  private Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw wrong("nested deeper than " + MAX_DEPTH);
    }
    skipSpace();
    if (at == text.length()) {
      throw wrong("no value");
    }
    return switch (text.charAt(at)) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) {
    at++;
    Map<String, Object> object = new LinkedHashMap<>();
    if (taken('}')) {
      return Collections.unmodifiableMap(object);
    }
    do {
      skipSpace();
      if (at == text.length() || text.charAt(at) != '"') {
        throw wrong("no key");
      }
      String key = string();
      if (!taken(':')) {
        throw wrong("no colon after key");
      }
      Object value = value(depth + 1);
      if (object.containsKey(key)) {
        throw wrong("key \"" + key + "\" twice");
      }
      object.put(key, value);
    } while (taken(','));
    if (!taken('}')) {
      throw wrong("object not closed");
    }
    return Collections.unmodifiableMap(object);
  }

  private List<Object> array(int depth) {
    at++;
    List<Object> array = new ArrayList<>();
    if (taken(']')) {
      return Collections.unmodifiableList(array);
    }
    do {
      array.add(value(depth + 1));
    } while (taken(','));
    if (!taken(']')) {
      throw wrong("array not closed");
    }
    return Collections.unmodifiableList(array);
  }

  private String string() {
    at++;
    StringBuilder string = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return string.toString();
      }
      if (c < ' ') {
        throw wrong("control character in a string");
      }
      string.append(c == '\\' ? escape() : c);
    }
    throw wrong("string not closed");
  }

  private char escape() {
    if (at == text.length()) {
      throw wrong("string not closed");
    }
    char c = text.charAt(at++);
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong("unknown escape \\" + c);
    };
  }

  private char unicode() {
    if (at + 4 > text.length()) {
      throw wrong("\\u needs four hexadecimal digits");
    }
    int unit = 0;
    for (int end = at + 4; at < end; at++) {
      int digit = Character.digit(text.charAt(at), 16);
      if (digit < 0 || text.charAt(at) > 'f') {
        throw wrong("\\u needs four hexadecimal digits");
      }
      unit = unit * 16 + digit;
    }
    return (char) unit;
  }

  private Object word(String word, Object value) {
    if (!text.startsWith(word, at)) {
      throw wrong("unknown word");
    }
    at += word.length();
    return value;
  }

  private Object number() {
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt()) {
      throw wrong("no value");
    }
    at = number.end();
    if (number.group(2) == null && number.group(3) == null && number.group().length() < 19) {
      return Long.valueOf(number.group());
    }
    double value = Double.parseDouble(number.group());
    if (Double.isInfinite(value)) {
      throw wrong("number too large");
    }
    return value;
  }

  private boolean taken(char c) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(what + " at character " + at);
  }
}
