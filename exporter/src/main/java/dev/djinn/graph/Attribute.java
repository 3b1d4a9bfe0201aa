package dev.djinn.graph;

import java.util.List;

/** A node's attribute: one of the four kinds that the operators here use. */
public sealed interface Attribute {
  /** A whole number. */
  record Int(long value) implements Attribute {}

  /** A list of whole numbers. */
  record Ints(List<Long> values) implements Attribute {
    /** Keeps a copy. */
    public Ints {
      values = List.copyOf(values);
    }
  }

  /** A float32. */
  record Real(float value) implements Attribute {}

  /** Text. */
  record Text(String value) implements Attribute {}
}
