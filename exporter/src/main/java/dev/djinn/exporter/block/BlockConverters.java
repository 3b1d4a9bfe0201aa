package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.convolutional.Deconvolution;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import dev.djinn.network.NetworkBlock;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which converter is for which class of blocks. Immutable. */
public final class BlockConverters {
  private static final BlockConverters STANDARD =
      new BlockConverters(Map.of())
          .with(Linear.class, StandardBlocks::linear)
          .with(Convolution.class, StandardBlocks::convolution)
          .with(
              Deconvolution.class,
              (block, at) -> {
                // Nothing could be proven.
                throw at.fail("is a transposed convolution, which DJL's PyTorch engine cannot run");
              })
          .with(BatchNorm.class, NormBlocks::batchNorm)
          .with(LayerNorm.class, NormBlocks::layerNorm)
          .with(Dropout.class, StandardBlocks::dropout)
          .with(Embedding.class, StandardBlocks::embedding)
          .with(SequentialBlock.class, StandardBlocks::sequential)
          .with(ParallelBlock.class, StandardBlocks::parallel)
          .with(LambdaBlock.class, StandardBlocks::lambda)
          .with(NetworkBlock.class, (block, at) -> at.addNetwork(block));

  private final Map<Class<?>, BlockConverter<?>> converters;

  private BlockConverters(Map<Class<?>, BlockConverter<?>> converters) {
    this.converters = Collections.unmodifiableMap(new LinkedHashMap<>(converters));
  }

  /** Returns the converters for DJL's own blocks, and for Djinn's networks. */
  public static BlockConverters standard() {
    return STANDARD;
  }

  /**
   * Returns these and one more.
   *
   * @param kind a class of blocks; its subclasses are meant too, as long as they do not compute
   *     something else
   * @param converter takes the place of any other for that class
   * @param <B> the kind of block
   */
  public <B extends Block> BlockConverters with(Class<B> kind, BlockConverter<B> converter) {
    Map<Class<?>, BlockConverter<?>> more = new LinkedHashMap<>(converters);
    more.put(kind, converter);
    return new BlockConverters(more);
  }

  /** Returns the nearest converter up the block's classes, none if a subclass computes anew. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // with() pairs each class with its converter
  Optional<BlockConverter<Block>> of(Block block) {
    for (Class<?> kind = block.getClass(); kind != null; kind = kind.getSuperclass()) {
      BlockConverter<?> found = converters.get(kind);
      if (found != null) {
        return Optional.of((BlockConverter) found);
      }
      if (computesAnew(kind)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean computesAnew(Class<?> kind) {
    return Arrays.stream(kind.getDeclaredMethods())
        .anyMatch(method -> method.getName().equals("forwardInternal"));
  }

  @Override
  public String toString() {
    return converters.keySet().stream().map(Class::getSimpleName).collect(Collectors.joining(", "));
  }
}
