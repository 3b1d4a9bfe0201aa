package dev.djinn.graph;

/**
 * A named input or output of a graph.
 *
 * @param name its name, what a caller binds
 * @param type its element type and shape
 */
public record Value(String name, TensorType type) {}
