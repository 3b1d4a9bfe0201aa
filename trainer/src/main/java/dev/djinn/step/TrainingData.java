package dev.djinn.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.data.ImageSet;
import dev.djinn.data.Transparency;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Rules.RealBatches;
import dev.djinn.settings.Settings;
import dev.djinn.torch.TorchScript;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The whole data set on the device as bytes; batches are picked there. The order is a seeded
 * shuffle without replacement each epoch, or each batch is drawn anew; either is a function of seed
 * and batch number alone, so a resumed run needs no more than its step. A last partial batch of an
 * epoch is left out.
 */
public final class TrainingData {
  private static final String METHODS =
      """
      def pixels(self, index: Tensor, data: Tensor, scale: Tensor, low: Tensor) -> Tensor:
        batch = torch.to(torch.index_select(data, 0, index), 6)
        return torch.add(torch.mul(batch, scale), low)
      def mirrored(self, x: Tensor, which: Tensor) -> Tensor:
        return torch.where(torch.gt(torch.reshape(which, [-1, 1, 1, 1]), 0.5), torch.flip(x, [3]), x)
      def labels(self, index: Tensor, data: Tensor) -> Tensor:
        return torch.index_select(data, 0, index)
      """;

  /** Of four channels, the colours times alpha, in any range: low stands for 0. */
  private static final String MULTIPLIED =
      """
      def multiplied(self, index: Tensor, data: Tensor, scale: Tensor, low: Tensor) -> Tensor:
        unit = torch.div(torch.to(torch.index_select(data, 0, index), 6), 255.)
        alpha = torch.slice(unit, 1, 3, 4)
        colours = torch.mul(torch.slice(unit, 1, 0, 3), alpha)
        return torch.add(torch.mul(torch.cat([colours, alpha], 1), torch.mul(scale, 255.)), low)
      """;

  private final NDArray images;
  private final NDArray labels;
  private final NDArray scale;
  private final NDArray low;
  private final String pixels;
  private final TorchScript script;
  private final int count;
  private final int batch;
  private final long seed;
  private final RealBatches made;
  private final int[] order;
  private long orderOfEpoch = -1;
  private boolean mirror;

  /** Refuses data that the networks cannot take, before anything is computed. */
  public static void check(ImageSet set, Settings settings) {
    Settings.Image image = settings.image();
    if (set.height() != image.height()
        || set.width() != image.width()
        || set.channels() != image.channels()) {
      throw new TrainingException(
          String.format(
              "%s has pictures of %d×%d×%d but the network is for %d×%d×%d; bring them to its size"
                  + " with --image-size, or leave image as it is: it follows the pictures",
              set.name(),
              set.width(),
              set.height(),
              set.channels(),
              image.width(),
              image.height(),
              image.channels()));
    }
    if (set.count() < settings.batch()) {
      throw new TrainingException(
          set.name()
              + " has "
              + set.count()
              + " pictures, fewer than a batch of "
              + settings.batch()
              + "; take --batch "
              + set.count()
              + " or less");
    }
    if (settings.conditional() && set.classes().size() != settings.classes()) {
      throw new TrainingException(
          set.name()
              + " has "
              + set.classes().size()
              + " classes but the networks "
              + settings.classes());
    }
  }

  public TrainingData(ImageSet set, Settings settings, NDManager manager) {
    this(
        set,
        settings.image().low(),
        settings.conditional(),
        settings.batch(),
        settings.seed(),
        settings.rules().realBatches(),
        manager);
    mirror = settings.rules().seen().mirror();
    check(set, settings);
  }

  /**
   * Any set of at least one batch.
   *
   * @param set the pictures
   * @param lowest what black becomes: 0 for pixels in [0, 1], −1 for [−1, 1]
   * @param labelled whether batches carry the set's labels
   * @param batch pictures in a batch
   * @param seed of the order
   * @param made how batches are made up
   * @param manager owns the arrays, on its device
   */
  public TrainingData(
      ImageSet set,
      double lowest,
      boolean labelled,
      int batch,
      long seed,
      RealBatches made,
      NDManager manager) {
    this.batch = batch;
    this.seed = seed;
    this.made = made;
    count = set.count();
    order = new int[count];
    Shape shape = new Shape(count, set.channels(), set.height(), set.width());
    images = manager.create(ByteBuffer.wrap(set.pixels()), shape, DataType.UINT8);
    if (labelled) {
      labels = manager.create(set.labels()).toType(DataType.INT64, false);
    } else {
      labels = null;
    }
    // A byte b becomes b / 255 in [0, 1], or b / 127.5 − 1 in [−1, 1].
    scale = manager.create(lowest == 0 ? 1 / 255f : 2 / 255f);
    low = manager.create((float) lowest);
    pixels = set.channels() == Transparency.CHANNELS ? "multiplied" : "pixels";
    script = TorchScript.compile(manager, METHODS + MULTIPLIED);
  }

  /**
   * A batch of pictures.
   *
   * @param images float32 (batch, channels, height, width) in the network's range; premultiplied
   *     where the fourth channel is alpha
   * @param labels int64 (batch), null if unconditional
   */
  public record Pictures(NDArray images, NDArray labels) {}

  /** Batches in an epoch. */
  public int batchesPerEpoch() {
    return count / batch;
  }

  /**
   * Picks a batch.
   *
   * @param scope owns the result
   * @param number counted from 0 over the whole run
   * @return the batch
   */
  public Pictures batch(NDManager scope, long number) {
    long[] picked =
        switch (made) {
          case SHUFFLED -> shuffled(number);
          case DRAWN -> drawn(number);
        };
    // The index comes first: results belong to the first argument's manager, and the data lives
    // long.
    NDArray index = scope.create(picked);
    return new Pictures(
        mirrored(script.call(pixels, index, images, scale, low).singletonOrThrow(), number),
        labels == null ? null : script.call("labels", index, labels).singletonOrThrow());
  }

  /** All pictures, without their labels, copied off the device. */
  ImageSet pictures(String name) {
    Shape shape = images.getShape();
    return new ImageSet(
        name,
        (int) shape.get(1),
        (int) shape.get(2),
        (int) shape.get(3),
        images.toByteArray(),
        new int[0],
        List.of());
  }

  private NDArray mirrored(NDArray pictures, long number) {
    if (!mirror) {
      return pictures;
    }
    Random random = new Random(Seeds.mix(seed, Seeds.Use.MIRROR, number));
    float[] which = new float[batch];
    for (int i = 0; i < batch; i++) {
      which[i] = random.nextBoolean() ? 1 : 0;
    }
    NDArray chosen = pictures.getManager().create(which);
    return script.call("mirrored", pictures, chosen).singletonOrThrow();
  }

  private long[] shuffled(long number) {
    shuffle(number / batchesPerEpoch());
    int start = (int) (number % batchesPerEpoch()) * batch;
    return IntStream.range(start, start + batch).mapToLong(i -> order[i]).toArray();
  }

  /** Each anew from all, so that the same picture may be there twice. */
  private long[] drawn(long number) {
    Random random = new Random(Seeds.mix(seed, Seeds.Use.ORDER, number));
    return IntStream.range(0, batch).mapToLong(i -> random.nextInt(count)).toArray();
  }

  /** Fisher and Yates's shuffle by java.util.Random, whose algorithm the Java platform fixes. */
  private void shuffle(long epoch) {
    if (epoch == orderOfEpoch) {
      return;
    }
    orderOfEpoch = epoch;
    Random random = new Random(Seeds.mix(seed, Seeds.Use.ORDER, epoch));
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
  }
}
