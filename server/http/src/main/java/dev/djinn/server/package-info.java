/**
 * Samplers on a socket: HTTP/1.1 over TCP or a Unix domain socket, speaking the Open Inference
 * Protocol v2 with binary tensors, and beside it what people want of a generator: pictures.
 *
 * <p>{@link dev.djinn.server.SamplerServer} is the door. Behind it one thread owns each connection
 * and frames its messages ({@code Connection}); what is cheap is answered there, what is not goes
 * through a bounded queue to the workers. The way of a request from its path to its answer is in
 * one file, {@code RequestPath}.
 *
 * <pre>{@code
 * try (SamplerServer server = SamplerServer.start(Path.of("models"), ServerOptions.defaults().withPort(0))) {
 *   System.out.println(server.address());
 *   server.awaitClose();
 * }
 * }</pre>
 */
package dev.djinn.server;
