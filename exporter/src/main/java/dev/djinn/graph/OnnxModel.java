package dev.djinn.graph;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an ONNX file holds.
 *
 * @param graph the graph
 * @param metadata its {@code metadata_props}, by key
 */
public record OnnxModel(Graph graph, SortedMap<String, String> metadata) {
  /** Keeps a copy. */
  public OnnxModel {
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }
}
