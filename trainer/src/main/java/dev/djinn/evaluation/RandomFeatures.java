package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.data.ImageSet;
import dev.djinn.data.Transparency;
import dev.djinn.files.Sha256;
import dev.djinn.network.Layer;
import dev.djinn.network.Layer.Activation.Function;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.run.TrainingException;
import dev.djinn.torch.GradientMode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The features of a fixed network that has learnt nothing: convolutions whose weights are normal
 * numbers of a seed. For pictures unlike those that a trained network knows, such features compare
 * as well as its own (Naeem et al. 2020, arXiv:2002.09797, section 5).
 *
 * <p>A 3×3 convolution to 32 channels, then ones of stride 2 to 64 until a side is 4 or less, each
 * with a ReLU, no bias and a zero on each side; means over windows bring what is left to 2×2.
 * Weights are {@code java.util.Random}'s Gaussians times √(2 / fan in) (He et al. 2015), in the
 * order in which the arrays lie in memory, so that they are the same on every machine; pixels go in
 * as −1 to 1, colours with alpha multiplied by it.
 *
 * <p>Not thread-safe. {@link #close} frees its arrays.
 */
public final class RandomFeatures implements FeatureExtractor {
  /** What it is called where a classifier is named. */
  public static final String NAME = "random";

  private static final long SEED = 20200209;
  private static final int BATCH = 100;
  private static final int COARSEST = 4;
  private static final WeightInit ANY = new WeightInit(WeightInit.Kind.GLOROT_UNIFORM, 0);

  private final NDManager manager;
  private final NetworkBlock block;
  private final Shape picture;
  private final String sha256;

  /**
   * The network for pictures of one size.
   *
   * @param channels of the pictures
   * @param height at least 2
   * @param width at least 2
   * @param parent its parent; the arrays lie on its device
   */
  public RandomFeatures(int channels, int height, int width, NDManager parent) {
    manager = parent.newSubManager();
    picture = new Shape(channels, height, width);
    block = NetworkBlock.create(new Network(NAME, picture, 0, layers(height, width)), manager);
    Random random = new Random(SEED);
    MessageDigest digest = Sha256.digest();
    for (NDArray array : block.arrays().values()) {
      float[] weights = new float[(int) array.size()];
      double scale = Math.sqrt(2.0 * array.getShape().get(0) / weights.length);
      ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) (random.nextGaussian() * scale);
        bytes.putFloat(weights[i]);
      }
      // Not NDArray.set(Buffer): libtorch answers its first call with a warning.
      GradientMode.unrecorded(
          () -> {
            try (NDArray values = manager.create(weights, array.getShape())) {
              array.set(new NDIndex("..."), values);
            }
            return null;
          });
      digest.update(bytes.array());
    }
    sha256 = Sha256.hex(digest);
  }

  private static List<Layer> layers(int height, int width) {
    List<Layer> layers = new ArrayList<>();
    add(layers, 32, 1);
    int rows = height;
    int columns = width;
    while (Math.max(rows, columns) > COARSEST) {
      add(layers, 64, 2);
      rows = (rows + 1) / 2;
      columns = (columns + 1) / 2;
    }
    int least = Math.min(rows, columns);
    if (least > 2) {
      layers.add(new Layer.Pool(Layer.Pool.Kind.AVERAGE, 2, least == 4 ? 2 : 1));
    }
    layers.add(new Layer.Reshape(List.of(-1)));
    return layers;
  }

  private static void add(List<Layer> layers, int channels, int stride) {
    layers.add(
        new Layer.Conv(channels, 3, stride, Layer.SAME, 1, 1, WeightSpec.of(ANY).withoutBias()));
    layers.add(new Layer.Activation(Function.RELU, 0));
  }

  @Override
  public Judgement judge(ImageSet pictures, NDManager scope) {
    ImageSet set = Transparency.multiplied(pictures);
    Shape shape = new Shape(set.channels(), set.height(), set.width());
    if (!shape.equals(picture)) {
      throw new TrainingException(
          "%s has pictures of %s, and these random features are of %s"
              .formatted(set.name(), shape, picture));
    }
    int size = (int) shape.size();
    try (NDManager parts = scope.newSubManager()) {
      NDList rows = new NDList();
      for (int start = 0; start < set.count(); start += BATCH) {
        int n = Math.min(BATCH, set.count() - start);
        try (NDManager step = parts.newSubManager()) {
          ByteBuffer bytes = ByteBuffer.wrap(set.pixels(), start * size, n * size).slice();
          NDArray images =
              step.create(bytes, new Shape(n).addAll(shape), DataType.UINT8)
                  .toType(DataType.FLOAT32, false)
                  .div(127.5f)
                  .sub(1f);
          NDArray part = GradientMode.unrecorded(() -> block.run(images, null, false));
          part.attach(parts);
          rows.add(part);
        }
      }
      NDArray all = NDArrays.concat(rows);
      all.attach(scope);
      return new Judgement(all, List.of());
    }
  }

  @Override
  public int labels(ImageSet set) {
    return 0;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public void close() {
    manager.close();
  }
}
