package dev.djinn.sampler;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Answers to a name that is none of those that are known. */
public final class Names {
  /** Whoever types less than this of a name may mean anything. */
  private static final int SHORTEST_START = 3;

  /** Nobody mistypes a name of this length, and to compare it with many takes its time. */
  private static final int LONGEST = 64;

  private static final int MOST = 10_000;

  private Names() {}

  /**
   * Refuses a name.
   *
   * @param what the kind of thing that was named, as {@code model}
   * @param wrong what was typed
   * @param known the names there are, in the order to show them
   * @return such as {@code unknown label 'shrit'; did you mean shirt? Known are shirt, bag}
   */
  public static String unknown(String what, String wrong, Collection<String> known) {
    String hint = hint(wrong, known);
    return String.format(
        Locale.ROOT,
        "unknown %s '%s'%s %s",
        what,
        wrong,
        hint.isEmpty() ? "; known are" : hint + " Known are",
        String.join(", ", known));
  }

  /**
   * What was probably meant, for where there are too many names to list.
   *
   * @param wrong what was typed
   * @param known the names there are
   * @return such as {@code ; did you mean --seed?}, or nothing if none is near
   */
  public static String hint(String wrong, Collection<String> known) {
    return nearest(wrong, known).map(name -> "; did you mean " + name + "?").orElse("");
  }

  /**
   * The known name that was probably meant: the one with the fewest letters to insert, delete,
   * replace or swap with their neighbour, one for each three letters at most, or else the first
   * that begins so.
   *
   * @param wrong what was typed
   * @param known the names there are
   * @return empty if none is near
   */
  public static Optional<String> nearest(String wrong, Collection<String> known) {
    if (wrong.length() > LONGEST || known.size() > MOST) {
      return Optional.empty();
    }
    String typed = wrong.toLowerCase(Locale.ROOT);
    Optional<String> best = Optional.empty();
    int least = Math.max(1, typed.length() / 3) + 1;
    for (String name : known) {
      boolean near = Math.abs(typed.length() - name.length()) < least;
      int distance = near ? distance(typed, name.toLowerCase(Locale.ROOT)) : least;
      if (distance < least) {
        best = Optional.of(name);
        least = distance;
      }
    }
    if (best.isEmpty() && typed.length() >= SHORTEST_START) {
      best =
          known.stream()
              .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(typed))
              .findFirst();
    }
    return best;
  }

  /** Optimal string alignment (Damerau 1964), row by row. */
  private static int distance(String a, String b) {
    int[] twoAbove = new int[b.length() + 1];
    int[] above = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(above[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], twoAbove[j - 2] + 1);
        }
      }
      int[] free = twoAbove;
      twoAbove = above;
      above = row;
      row = free;
    }
    return above[b.length()];
  }
}
