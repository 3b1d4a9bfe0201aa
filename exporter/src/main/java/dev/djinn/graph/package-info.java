/**
 * The ONNX graph as data: {@link dev.djinn.graph.GraphBuilder} puts one together and checks every
 * node's inputs and shapes, {@link dev.djinn.graph.GraphEditor} rewrites it, {@link
 * dev.djinn.graph.OnnxWriter} and {@link dev.djinn.graph.OnnxReader} turn it into a file and back.
 * Nothing here knows where a network comes from.
 */
package dev.djinn.graph;
