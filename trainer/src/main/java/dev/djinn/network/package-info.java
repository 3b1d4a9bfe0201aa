/**
 * Networks as data: a {@link dev.djinn.network.Network} is a sequence of {@link
 * dev.djinn.network.Layer} records. The trainer runs it as a DJL block ({@link
 * dev.djinn.network.NetworkBlock}), the exporter writes it as an ONNX graph; both read this one
 * description, so they cannot drift apart.
 */
package dev.djinn.network;
