package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import dev.djinn.data.ImageSet;
import dev.djinn.data.Transparency;
import dev.djinn.files.AtomicFile;
import dev.djinn.files.Sha256;
import dev.djinn.network.Layer;
import dev.djinn.network.Layer.Activation.Function;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.SafeTensors;
import dev.djinn.run.TrainingException;
import dev.djinn.torch.GradientMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A small convolutional classifier in whose features pictures are compared. Its features are the
 * means over the picture of the last convolution's {@value #FEATURES} channels.
 *
 * <p>Not thread-safe. {@link #close} frees its arrays.
 */
public final class Classifier implements FeatureExtractor {
  /**
   * How often a classifier is right.
   *
   * @param all share of all pictures, in [0, 1]
   * @param byClass share of each class's, in the order of the classes; NaN where there is none
   * @param pictures how many were looked at
   */
  public record Accuracy(double all, List<Double> byClass, int pictures) {
    /** Copies the shares. */
    public Accuracy {
      byClass = List.copyOf(byClass);
    }
  }

  /** Elements of a picture's features. */
  public static final int FEATURES = 128;

  private static final WeightInit GLOROT = new WeightInit(WeightInit.Kind.GLOROT_UNIFORM, 0);

  /** Pictures at once; more were no faster and took memory beyond what a small run itself needs. */
  private static final int BATCH = 100;

  private static final String IMAGE = "image";
  private static final String ACCURACY = "accuracy";
  private static final String CLASS_ACCURACY = "class_accuracy";

  private final NDManager manager;
  private final NetworkBlock features;
  private final NetworkBlock head;
  private final String sha256;

  /** Fresh weights from the engine's seeded generator. */
  Classifier(int channels, int side, int classes, NDManager parent) {
    this(channels, side, classes, "", parent);
  }

  private Classifier(int channels, int side, int classes, String sha256, NDManager parent) {
    this.sha256 = sha256;
    manager = parent.newSubManager();
    features =
        NetworkBlock.create(
            new Network("features", new Shape(channels, side, side), 0, layers(side)), manager);
    head =
        NetworkBlock.create(
            new Network(
                "head",
                new Shape(FEATURES),
                0,
                List.of(new Layer.Dropout(0.3), new Layer.Dense(classes, WeightSpec.of(GLOROT)))),
            manager);
  }

  /** Two convolutions a side until the side is under 7, then the mean of what is left. */
  private static List<Layer> layers(int side) {
    List<Layer> layers = new ArrayList<>();
    add(layers, 32, 1);
    int width = 32;
    int left = side;
    while (left >= 7) {
      add(layers, width, 2);
      left = (left + 1) / 2;
      width = Math.min(2 * width, FEATURES);
      add(layers, left < 7 ? FEATURES : width, 1);
    }
    layers.add(new Layer.Pool(Layer.Pool.Kind.AVERAGE, left, left));
    layers.add(new Layer.Reshape(List.of(-1)));
    return layers;
  }

  private static void add(List<Layer> layers, int channels, int stride) {
    layers.add(
        new Layer.Conv(channels, 3, stride, Layer.SAME, 1, 1, WeightSpec.of(GLOROT).withoutBias()));
    layers.add(new Layer.BatchNorm(0.9, 1e-5));
    layers.add(new Layer.Activation(Function.RELU, 0));
  }

  /**
   * Reads a classifier that {@link #write} wrote.
   *
   * @param file what to call it in messages
   * @param content the file's bytes
   * @param manager its parent; the arrays lie on its device
   * @throws TrainingException if it is not a classifier's file
   */
  public static Classifier parse(String file, byte[] content, NDManager manager) {
    Map<String, SafeTensors.Tensor> tensors = SafeTensors.parse(file, content);
    SafeTensors.Tensor image = tensors.remove(IMAGE);
    tensors.remove(ACCURACY);
    tensors.remove(CLASS_ACCURACY);
    if (image == null || image.values().remaining() != 3) {
      throw new TrainingException(
          file + " is no classifier: it lacks " + IMAGE + "; make one with djinn classifier");
    }
    Classifier classifier =
        new Classifier(
            (int) image.values().get(0),
            (int) image.values().get(1),
            (int) image.values().get(2),
            Sha256.of(content),
            manager);
    Checkpoint.load(tensors, classifier.arrays());
    return classifier;
  }

  /**
   * Writes the classifier in the safetensors format; the file appears whole or not at all.
   *
   * @param file where to
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    write(file, Optional.empty());
  }

  /**
   * Writes the classifier with what it is right on: the arrays {@code accuracy}, of all pictures
   * that were held out and how many those are, and {@code class_accuracy}.
   *
   * @param file where to
   * @param accuracy of pictures that it was not trained on
   * @throws IOException if it cannot be written
   */
  public void write(Path file, Optional<Accuracy> accuracy) throws IOException {
    try (NDManager scope = manager.newSubManager()) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      arrays.put(IMAGE, scope.create(new float[] {channels(), side(), classes()}));
      arrays.putAll(arrays());
      accuracy.ifPresent(
          known -> {
            arrays.put(ACCURACY, scope.create(new float[] {(float) known.all(), known.pictures()}));
            float[] byClass = new float[known.byClass().size()];
            for (int i = 0; i < byClass.length; i++) {
              byClass[i] = known.byClass().get(i).floatValue();
            }
            arrays.put(CLASS_ACCURACY, scope.create(byClass));
          });
      AtomicFile.write(file, part -> SafeTensors.write(part, arrays, Sha256.digest()));
    }
  }

  @Override
  public Judgement judge(ImageSet pictures, NDManager scope) {
    ImageSet set = Transparency.multiplied(pictures);
    int planes = planes(set);
    int size = set.pixels().length / set.count();
    List<Integer> labels = new ArrayList<>();
    try (NDManager parts = scope.newSubManager()) {
      NDList rows = new NDList();
      for (int start = 0; start < set.count(); start += BATCH) {
        int n = Math.min(BATCH, set.count() - start);
        try (NDManager step = parts.newSubManager()) {
          ByteBuffer bytes = ByteBuffer.wrap(set.pixels(), start * size, n * size).slice();
          Shape shape = new Shape((long) n * planes, channels(), side(), side());
          NDArray images =
              step.create(bytes, shape, DataType.UINT8).toType(DataType.FLOAT32, false).div(255f);
          NDArray made = GradientMode.unrecorded(() -> features.run(images, null, false));
          NDArray logits = GradientMode.unrecorded(() -> head.run(made, null, false));
          addLabels(logits.argMax(1).toLongArray(), planes, labels);
          NDArray part = made.reshape(n, (long) FEATURES * planes);
          part.attach(parts);
          rows.add(part);
        }
      }
      NDArray all = NDArrays.concat(rows);
      all.attach(scope);
      return new Judgement(all, labels);
    }
  }

  private void addLabels(long[] classOfEachPlane, int planes, List<Integer> labels) {
    for (int at = 0; at < classOfEachPlane.length; at += planes) {
      int label = 0;
      for (int plane = 0; plane < planes; plane++) {
        label = label * classes() + (int) classOfEachPlane[at + plane];
      }
      labels.add(label);
    }
  }

  @Override
  public int labels(ImageSet set) {
    int labels = 1;
    for (int plane = 0; plane < planes(set); plane++) {
      labels *= classes();
    }
    return labels;
  }

  private int planes(ImageSet set) {
    boolean fits = set.height() == side() && set.width() == side();
    if (fits && set.channels() == channels()) {
      return 1;
    }
    if (fits && channels() == 1 && set.channels() != Transparency.CHANNELS) {
      return set.channels();
    }
    throw new TrainingException(
        String.format(
            "%s has pictures of %d×%d×%d but the classifier is for %d×%d×%d",
            set.name(), set.width(), set.height(), set.channels(), side(), side(), channels()));
  }

  /** Logits as training has them: batch statistics, dropout. */
  NDArray train(NDArray images) {
    return head.run(features.run(images, null, true), null, true);
  }

  NDList trained() {
    NDList all = new NDList(features.trained());
    all.addAll(head.trained());
    return all;
  }

  /** What the learning rate of each trained array is multiplied by, in the same order. */
  List<Double> rateScales() {
    List<Double> all = new ArrayList<>(features.rateScales());
    all.addAll(head.rateScales());
    return all;
  }

  /**
   * The classifier as a block: from pictures, float32 (batch, channels, side, side) in [0, 1], to
   * their features, float32 (batch, {@value #FEATURES}), and logits, float32 (batch, classes).
   *
   * @return a new block over this classifier's arrays; do not close them
   */
  public Block block() {
    ParallelBlock both =
        new ParallelBlock(
            made -> new NDList(made.get(0).singletonOrThrow(), made.get(1).singletonOrThrow()),
            List.of(Blocks.identityBlock(), head));
    SequentialBlock block = new SequentialBlock().add(features).add(both);
    // The arrays are there; DJL wants to be told the shapes.
    block.initialize(manager, DataType.FLOAT32, new Shape(1, channels(), side(), side()));
    return block;
  }

  private Map<String, NDArray> arrays() {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    features.arrays().forEach((name, array) -> arrays.put("features." + name, array));
    head.arrays().forEach((name, array) -> arrays.put("head." + name, array));
    return arrays;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  /** Channels of the pictures it takes. */
  public int channels() {
    return (int) features.network().input().get(0);
  }

  /** Height and width of the pictures it takes. */
  public int side() {
    return (int) features.network().input().get(1);
  }

  /** Classes it tells apart. */
  public int classes() {
    return (int) head.network().output().get(0);
  }

  @Override
  public void close() {
    manager.close();
  }
}
