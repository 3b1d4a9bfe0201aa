/**
 * Plain DJL block trees to ONNX, without a run or a preset: a product of its own over the same
 * graph and rewrites. {@link dev.djinn.exporter.block.BlockExport} is the door.
 *
 * <pre>{@code
 * BlockOptions options =
 *     BlockOptions.of(BlockInput.floats("data", 1, 28, 28)).withOutputs("logits");
 * BlockResult result = BlockExport.write(block, options, Path.of("classifier.onnx"));
 * }</pre>
 *
 * <p>Rooms:
 *
 * <ul>
 *   <li>the export: BlockExport, BlockOptions, BlockInput, BlockResult, BlockProof; of Djinn's own
 *       classifiers ClassifierExport
 *   <li>from a tree to a graph: BlockGraph, BlockTree, BlockScope, BlockConverter, BlockConverters
 *   <li>blocks that say what they compute: StandardBlocks, NormBlocks
 *   <li>blocks that do not, found out by trying: LambdaProbe, JoinProbe; formulas in Activations,
 *       LayoutFormulas, PoolFormulas; held against the block by Trial on TrialInputs, which
 *       BlockEngine runs
 * </ul>
 */
package dev.djinn.exporter.block;
