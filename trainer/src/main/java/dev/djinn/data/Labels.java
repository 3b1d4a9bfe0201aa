package dev.djinn.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which class each picture is of: the classes are those that occur, in order, numbers by their
 * value.
 */
final class Labels {
  /** Numbers by value, then names as text. */
  static final Comparator<String> ORDER =
      Comparator.comparing((String name) -> !isNumber(name))
          .thenComparing((a, b) -> isNumber(a) && isNumber(b) ? compare(a, b) : 0)
          .thenComparing(Comparator.naturalOrder());

  private final int[] numbers;
  private final List<String> classes;

  private Labels(int[] numbers, List<String> classes) {
    this.numbers = numbers;
    this.classes = classes;
  }

  /** Of pictures without any. */
  static Labels none() {
    return new Labels(new int[0], List.of());
  }

  /** Each class is named by its number. */
  static Labels numbered(long[] values) {
    long[] kinds = Arrays.stream(values).distinct().sorted().toArray();
    int[] numbers = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      numbers[i] = Arrays.binarySearch(kinds, values[i]);
    }
    return new Labels(numbers, Arrays.stream(kinds).mapToObj(Long::toString).toList());
  }

  static Labels named(List<String> names) {
    // The order looks at names closely: compare each name once, not each picture's.
    List<String> classes = names.stream().distinct().sorted(ORDER).toList();
    Map<String, Integer> numberOf = new HashMap<>();
    classes.forEach(name -> numberOf.put(name, numberOf.size()));
    int[] numbers = names.stream().mapToInt(numberOf::get).toArray();
    return new Labels(numbers, classes);
  }

  private static boolean isNumber(String name) {
    return name.matches("-?[0-9]{1,18}");
  }

  private static int compare(String one, String other) {
    return Long.compare(Long.parseLong(one), Long.parseLong(other));
  }

  /** The class of each picture; empty if there are none. */
  int[] numbers() {
    return numbers;
  }

  /** The names of the classes, in the order of their numbers. */
  List<String> classes() {
    return classes;
  }
}
