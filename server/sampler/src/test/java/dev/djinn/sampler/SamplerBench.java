package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What the library does beside running the model. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplerBench {

  /** Latents of 100 numbers. */
  @State(Scope.Thread)
  public static class Latent100 {
    @Param({"1", "32"})
    int rows;

    float[] out;

    @Setup
    public void allocate() {
      out = new float[rows * 100];
    }
  }

  @Benchmark
  public float[] normalLatents(Latent100 state) {
    Latents.fill(42, 0, state.rows, state.out, Latent.normal(100));
    return state.out;
  }

  @Benchmark
  public float[] uniformLatents(Latent100 state) {
    Latents.fill(42, 0, state.rows, state.out, Latent.uniform(100, -1, 1));
    return state.out;
  }

  /** A grid of 64 grey pictures, 28 x 28: a line of noise on a dark ground. */
  @State(Scope.Benchmark)
  public static class Grid {
    Samples samples;

    @Setup
    public void draw() {
      byte[] pixels = new byte[64 * 784];
      Random random = new Random(1);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = i / 28 % 4 == 0 ? (byte) random.nextInt(256) : 0;
      }
      samples = Samples.ofPixels(new Image(1, 28, 28), pixels);
    }
  }

  @Benchmark
  public byte[] png(Grid grid) {
    return grid.samples.toGridPng(8);
  }

  /** A batcher whose model takes no time. */
  @State(Scope.Benchmark)
  public static class Queue {
    Batcher batcher;

    @Setup
    public void open() {
      batcher = new Batcher(2, 128, 8192, batch -> BatchTimes.of(0, 0, 0));
    }

    @TearDown
    public void close() {
      batcher.close();
    }

    Rows rows() {
      return Rows.of(1, FloatBuffer.allocate(1)).toPixels(ByteBuffer.allocate(1));
    }
  }

  @Benchmark
  public void batcherOnTheCallersThread(Queue queue) {
    queue.batcher.run(queue.rows());
  }

  @Benchmark
  @Threads(8)
  public void batcherHandedOver(Queue queue) {
    queue.batcher.submit(queue.rows(), Urgency.DEFAULT, true).join();
  }
}
