/**
 * Exact rewrites of a graph: {@link dev.djinn.graph.pass.Optimization} lists them in the order in
 * which they are applied. Each gives the same function as the graph before it, up to float32
 * rounding; its algebra stands in its class.
 */
package dev.djinn.graph.pass;
