package dev.djinn.server;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a client prefers, by the headers Accept and Accept-Encoding. */
final class Preferences {

  private static final int MOST = 32;

  private Preferences() {}

  /** {@return the weights from 0 to 1 by what they are of, in lower case and the header's order} */
  static Map<String, Double> of(String header) {
    Map<String, Double> weights = new LinkedHashMap<>();
    for (String part : header.toLowerCase(Locale.ROOT).split(",", MOST)) {
      String[] pieces = part.split(";", 8);
      weights.put(pieces[0].trim(), weight(pieces));
    }
    return weights;
  }

  private static double weight(String[] pieces) {
    for (int i = 1; i < pieces.length; i++) {
      String parameter = pieces[i].trim();
      if (parameter.matches("q=[01](\\.[0-9]{0,3})?")) {
        return Double.parseDouble(parameter.substring(2));
      }
    }
    return 1;
  }
}
