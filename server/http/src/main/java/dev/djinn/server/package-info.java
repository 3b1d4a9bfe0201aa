/**
 * Samplers on a socket: HTTP/1.1 over TCP or a Unix domain socket, speaking the Open Inference
 * Protocol v2 with binary tensors, and beside it what people want of a generator: pictures.
 *
 * <p>{@link dev.djinn.server.SamplerServer} is the door. Behind it one thread owns each connection
 * and frames its messages ({@code Connection}); what is cheap is answered there, what is not goes
 * through a bounded queue to the workers. The way of a request from its path to its answer is in
 * one file, {@code RequestPath}. The other rooms, the door of each first:
 *
 * <table>
 * <caption>Rooms</caption>
 * <tr><th>subject</th><th>files</th></tr>
 * <tr><td>the door</td><td>SamplerServer, ServerOptions, Limits, Access, ModelControl</td></tr>
 * <tr><td>a connection</td><td>Connection, Arrivals, Call, Held, Reply, Budget, Refusal, SocketFile,
 *     HttpDate</td></tr>
 * <tr><td>a request's way</td><td>RequestPath, Route, Workers, AskedReader, Asked, Failures,
 *     RequestException</td></tr>
 * <tr><td>who may</td><td>Gate, Authority</td></tr>
 * <tr><td>tensors in and out</td><td>InferRequestReader, InferMessage, InferRequest, InferReply,
 *     OwnInference, ModelSignature, TensorSpec, DataType, SchedulePolicy</td></tr>
 * <tr><td>the same over gRPC</td><td>GrpcSocket, GrpcCalls, GrpcService, GrpcInference,
 *     GrpcStream, GrpcTensors, GrpcDescriptions</td></tr>
 * <tr><td>pictures</td><td>SampleQuery, Origin, Pictures, Page</td></tr>
 * <tr><td>forms of text and bytes</td><td>Json, FloatText, Compression, Inflation, Preferences</td></tr>
 * <tr><td>the models</td><td>ModelRepository, RepositoryListing, Loads, ServedModel, Statistics</td></tr>
 * <tr><td>what it tells of itself</td><td>Descriptions, StoredDocument, Metrics,
 *     AccessLog, TraceParent, Release</td></tr>
 * </table>
 *
 * <pre>{@code
 * try (SamplerServer server = SamplerServer.start(Path.of("models"), ServerOptions.defaults().withPort(0))) {
 *   System.out.println(server.address());
 *   server.awaitClose();
 * }
 * }</pre>
 */
package dev.djinn.server;
