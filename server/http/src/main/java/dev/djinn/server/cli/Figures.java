package dev.djinn.server.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a file says of itself, rounded to what a person reads. */
final class Figures {
  private static final MathContext FOUR_DIGITS = new MathContext(4);
  private static final String REAL = "real_";
  private static final String DEVIATION = "_sd";

  private Figures() {}

  /** A JSON value in words. */
  static String told(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + " " + told(entry.getValue()))
          .collect(Collectors.joining(", "));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Figures::told).collect(Collectors.joining(", "));
    }
    if (value instanceof Number number) {
      return number(number.doubleValue());
    }
    return String.valueOf(value);
  }

  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return new BigDecimal(value).round(FOUR_DIGITS).stripTrailingZeros().toString();
  }

  /** Figures of quality: those of the generator beside those of real pictures, with deviations. */
  static List<String> table(Map<String, Object> figures) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : figures.keySet()) {
      String base = name.startsWith(REAL) ? name.substring(REAL.length()) : name;
      names.add(
          base.endsWith(DEVIATION) && figures.containsKey(cut(name))
              ? base.substring(0, base.length() - DEVIATION.length())
              : base);
    }
    List<String> lines = new ArrayList<>();
    lines.add(line("", "generated", "real"));
    for (String name : names) {
      lines.add(line(name, cell(figures, name), cell(figures, REAL + name)));
    }
    return lines;
  }

  private static String cut(String name) {
    return name.substring(0, name.length() - DEVIATION.length());
  }

  private static String cell(Map<String, Object> figures, String name) {
    if (!figures.containsKey(name)) {
      return "";
    }
    String value = told(figures.get(name));
    Object deviation = figures.get(name + DEVIATION);
    return deviation == null ? value : value + " ± " + told(deviation);
  }

  private static String line(String name, String generated, String real) {
    return String.format(Locale.ROOT, "%-16s %-24s %s", name, generated, real).stripTrailing();
  }
}
