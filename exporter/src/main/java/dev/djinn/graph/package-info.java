/** The ONNX graph: nodes, tensors, exact passes and the writer. */
package dev.djinn.graph;
