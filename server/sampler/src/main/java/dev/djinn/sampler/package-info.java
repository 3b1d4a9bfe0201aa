/** The sampler library: opens an ONNX generator and draws images from it. */
package dev.djinn.sampler;
