package dev.djinn.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.run.TorchEngine;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CopiesTest {
  /** Worked by hand: two pixels a picture, so a distance is √((a² + b²) / 2). */
  @Test
  void findsTheNearestTrainingPictureOfEach() {
    ImageSet training = set(0, 0, 0, 0, 60, 80, 200, 200); // two copies, 70.71 apart from the third
    ImageSet pictures = set(0, 1, 60, 80, 100, 100);
    Copies copies = of(training, pictures);
    assertEquals(List.of(Math.sqrt(0.5), 0.0, Math.sqrt(1000)), copies.generated());
    // Of real pictures: 70.71 for the two copies and the third, √19400 for the last.
    assertEquals(
        List.of(Math.sqrt(5000), Math.sqrt(5000), Math.sqrt(5000), Math.sqrt(17000)),
        copies.real().stream().sorted().toList());
    assertEquals(1.0, copies.share());
    assertEquals(
        List.of(
            new Copies.Pair(1, 2, 0),
            new Copies.Pair(0, 0, Math.sqrt(0.5)),
            new Copies.Pair(2, 2, Math.sqrt(1000))),
        copies.nearest());
    assertEquals(Math.sqrt(0.5), copies.figures().get("copies_distance"));
    assertEquals(Math.sqrt(5000), copies.figures().get("real_copies_least"));
  }

  /** Held out: 30 apart from the nearest, and one equal to a training picture, which counts not. */
  @Test
  void picturesThatWereHeldOutSayHowNearRealOnesLie() {
    ImageSet training = set(0, 0, 60, 80, 200, 200);
    ImageSet held = set(30, 30, 200, 200);
    Copies copies = of(training, Optional.of(held), set(0, 1, 100, 100));
    assertEquals(List.of(30.0, Math.sqrt(17000)), copies.real().stream().sorted().toList());
    assertEquals(2, copies.heldOut());
    assertEquals(0.5, copies.share());
    assertEquals(
        "50 % of the pictures lie nearer to a training picture than any of 2 real ones that were"
            + " held out",
        Copies.told(copies.figures()));
    Copies alone = of(training, Optional.of(digit()), set(0, 1, 100, 100));
    assertEquals(0, alone.heldOut(), "pictures of another shape");
    assertEquals(
        "100 % of the pictures lie nearer to a training picture than any two of those to each"
            + " other, since none were held out",
        Copies.told(alone.figures()));
  }

  private static ImageSet digit() {
    return DataSets.open("mnist-10k", DataOptions.defaults()).pick(0);
  }

  @Test
  void tellsAGeneratorThatRepeatsItsDataFromPicturesHeldOut() {
    ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
    ImageSet training = digits.pick(IntStream.range(0, 4000).toArray());
    ImageSet held = digits.pick(IntStream.range(4000, 4600).toArray());
    double fresh = of(training, held).share();
    assertTrue(fresh <= 0.01, "held out: " + fresh);
    byte[] repeated = digits.pick(IntStream.range(100, 400).toArray()).pixels().clone();
    for (int i = 0; i < repeated.length; i += 97) {
      repeated[i] ^= 1; // not quite
    }
    ImageSet copied = new ImageSet("copied", 1, 28, 28, repeated, new int[0], List.of());
    assertEquals(1.0, of(training, copied).share());
  }

  private static Copies of(ImageSet training, ImageSet pictures) {
    return of(training, Optional.empty(), pictures);
  }

  private static Copies of(ImageSet training, Optional<ImageSet> held, ImageSet pictures) {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      return Copies.of(training, held, pictures, 1, manager);
    }
  }

  private static ImageSet set(int... values) {
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      pixels[i] = (byte) values[i];
    }
    return new ImageSet("set", 1, 1, 2, pixels, new int[0], List.of());
  }
}
