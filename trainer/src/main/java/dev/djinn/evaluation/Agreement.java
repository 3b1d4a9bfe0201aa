package dev.djinn.evaluation;

import dev.djinn.data.ImageSet;
import dev.djinn.run.TrainingException;
import java.util.List;

/** Whether pictures can be put beside others, and whether they are seen as what they are. */
final class Agreement {
  private Agreement() {}

  /** Refuses pictures of one size or colour beside those of another. */
  static void checkAlike(ImageSet pictures, ImageSet real) {
    if (pictures.channels() != real.channels()
        || pictures.height() != real.height()
        || pictures.width() != real.width()) {
      throw new TrainingException(
          "%s has pictures of %s and %s of %s; give other --data, or bring them to one size with"
                  .formatted(pictures.name(), size(pictures), real.name(), size(real))
              + " --image-size and to one colour with --colour");
    }
  }

  private static String size(ImageSet set) {
    return set.width() + "×" + set.height() + "×" + set.channels();
  }

  /** The share of pictures that were seen to be of their class. */
  static double of(List<Integer> seen, ImageSet pictures) {
    int right = 0;
    for (int i = 0; i < seen.size(); i++) {
      right += seen.get(i) == pictures.labels()[i] ? 1 : 0;
    }
    return (double) right / seen.size();
  }
}
