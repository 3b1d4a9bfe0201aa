package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import java.util.List;

/**
 * What looks at pictures, so that they can be compared: a classifier of the data, or where there is
 * none, a random network.
 */
public interface FeatureExtractor extends AutoCloseable {
  /**
   * What is seen in pictures.
   *
   * @param features float32 (n, width); of a {@link Classifier} the width is {@value
   *     Classifier#FEATURES} × planes, which is 1 unless pictures of three channels met a
   *     classifier of one, which then looks at each channel alone
   * @param labels the most likely class of each; with three planes 100 × the first + 10 × the
   *     second + the third, if there are 10 classes; empty if no classes are told apart
   */
  record Judgement(NDArray features, List<Integer> labels) {
    /** Copies the labels. */
    public Judgement {
      labels = List.copyOf(labels);
    }
  }

  /**
   * Looks at pictures.
   *
   * @param set pictures of the size that it is for
   * @param scope owns the result
   * @return what is seen
   * @throws dev.djinn.run.TrainingException if the pictures do not fit
   */
  Judgement judge(ImageSet set, NDManager scope);

  /**
   * How many classes {@link #judge} tells apart in such pictures.
   *
   * @param set pictures
   * @return 0 if none
   */
  int labels(ImageSet set);

  /** SHA-256 of the weights, in hexadecimal; empty if it was trained here. */
  String sha256();

  @Override
  void close();
}
