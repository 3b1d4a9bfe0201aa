package dev.djinn.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The attributes of a node, immutable and in the order of their names, so that equal nodes give
 * equal bytes.
 *
 * <pre>{@code Attributes.none().with("alpha", 0.2f).with("pads", 1, 1, 1, 1)}</pre>
 */
public final class Attributes {
  private static final Attributes NONE = new Attributes(new TreeMap<>());

  private final SortedMap<String, Attribute> values;

  private Attributes(SortedMap<String, Attribute> values) {
    this.values = Collections.unmodifiableSortedMap(values);
  }

  /** Returns no attributes. */
  public static Attributes none() {
    return NONE;
  }

  /** Returns these and a whole number. */
  public Attributes with(String name, long value) {
    return with(name, new Attribute.Int(value));
  }

  /** Returns these and a list of whole numbers. */
  public Attributes with(String name, long[] list) {
    return with(name, new Attribute.Ints(Arrays.stream(list).boxed().toList()));
  }

  /** Returns these and a float32. */
  public Attributes with(String name, float value) {
    return with(name, new Attribute.Real(value));
  }

  /** Returns these and a text. */
  public Attributes with(String name, String value) {
    return with(name, new Attribute.Text(value));
  }

  /** Returns these with {@code value} under {@code name}, in place of any other there. */
  public Attributes with(String name, Attribute value) {
    SortedMap<String, Attribute> copy = new TreeMap<>(values);
    copy.put(name, value);
    return new Attributes(copy);
  }

  /** Returns these but the one of that name. */
  public Attributes without(String name) {
    SortedMap<String, Attribute> copy = new TreeMap<>(values);
    copy.remove(name);
    return new Attributes(copy);
  }

  /** Returns name and value of each, in the order of the names. */
  public SortedMap<String, Attribute> asMap() {
    return values;
  }

  /** Returns the number of that name, or {@code otherwise} if there is none. */
  public long integer(String name, long otherwise) {
    return values.get(name) instanceof Attribute.Int found ? found.value() : otherwise;
  }

  /** Returns the numbers of that name, or {@code otherwise} if there are none. */
  public long[] integers(String name, long... otherwise) {
    return values.get(name) instanceof Attribute.Ints found
        ? found.values().stream().mapToLong(Long::longValue).toArray()
        : otherwise;
  }

  /** Returns the float of that name, or {@code otherwise} if there is none. */
  public float real(String name, float otherwise) {
    return values.get(name) instanceof Attribute.Real found ? found.value() : otherwise;
  }

  /** Returns the text of that name, or {@code otherwise} if there is none. */
  public String text(String name, String otherwise) {
    return values.get(name) instanceof Attribute.Text found ? found.value() : otherwise;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attributes that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
