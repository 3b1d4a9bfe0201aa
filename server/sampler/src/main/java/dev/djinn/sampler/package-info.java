/**
 * The sampler library: opens an ONNX generator and draws pictures from it.
 *
 * <pre>{@code
 * try (Sampler sampler = Sampler.open(Path.of("models/dcgan-mnist"))) {
 *   Files.write(Path.of("grid.png"), sampler.sample(SampleRequest.of(64).withSeed(42)).toGridPng(8));
 * }
 * }</pre>
 *
 * <p>One package, because most of it is nobody's business outside. Its rooms, the door first:
 *
 * <table>
 * <caption>Rooms</caption>
 * <tr><th>subject</th><th>files</th></tr>
 * <tr><td>the door</td><td>Sampler, SampleRequest, Samples, Output, SamplerOptions, ModelBounds,
 *     Device, SamplerException, ModelTensor</td></tr>
 * <tr><td>what a generator is</td><td>GeneratorContract, ContractReader, ForeignModel,
 *     ModelDescription, DescriptionDraft</td></tr>
 * <tr><td>its files</td><td>ModelFiles, ModelParts, ModelSource, OnnxFile, ProtoReader</td></tr>
 * <tr><td>seeds and latents</td><td>Latents, Philox, InverseNormal, LatentSpace</td></tr>
 * <tr><td>its tensors</td><td>Binding, ForeignBinding, Port, GivenInput, Tensors,
 *     ForeignImages, OwnTensors</td></tr>
 * <tr><td>a request's way</td><td>Engine, FirstSamples, Draw, Rows, Urgency, SampleStream, Batcher,
 *     Job, Turns, BatchRunner, Workspace, RunBound</td></tr>
 * <tr><td>what it tells of itself</td><td>SamplerStatistics, BatchCounters, BatchTimes, Timing,
 *     FlightRecording, BatchEvent, LoadEvent</td></tr>
 * <tr><td>ONNX Runtime</td><td>GeneratorModel, OnnxRuntime, Natives, PrivateFolder, Cuda,
 *     Telemetry</td></tr>
 * <tr><td>pictures and texts</td><td>Raster, Png, Npy, JsonReader, JsonWriter</td></tr>
 * <tr><td>words</td><td>OneLine, Names, FileProblem, Sha256</td></tr>
 * </table>
 */
package dev.djinn.sampler;
