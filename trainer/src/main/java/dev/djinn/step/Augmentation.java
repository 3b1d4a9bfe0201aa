package dev.djinn.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.settings.Seen.Augment;
import dev.djinn.settings.Settings;
import dev.djinn.torch.TorchScript;
import java.util.Set;

/**
 * Differentiable augmentation (Zhao et al. 2020, arXiv:2006.10738): the discriminator sees real and
 * generated pictures changed at random in the same ways, and gradients pass through the changes to
 * the generator. A small data set then lasts longer before the discriminator knows it by heart, and
 * the generator does not learn the changes.
 *
 * <p>Ranges are the paper's. Pictures move by up to an eighth of their side, a part of half their
 * sides is cut out, and what moves in or is cut is 0, as in the authors' code. Brightness moves by
 * up to a quarter of the range, saturation is multiplied by 0 to 2, contrast by 0.5 to 1.5.
 */
final class Augmentation {
  /**
   * Uniform numbers a picture: brightness, saturation, contrast, row, column, cut row, cut column.
   */
  static final int DRAWS = 7;

  // BRIGHTNESS is half the pictures' range, DOWN and ACROSS the largest shifts, HIGH and WIDE the
  // sides of what is cut out.
  private static final String COLOR =
      """
        x = x + (u[0] - 0.5) * BRIGHTNESS
        grey = torch.mean(x, [1], True)
        x = (x - grey) * (u[1] * 2.) + grey
        mean = torch.mean(x, [1, 2, 3], True)
        x = (x - mean) * (u[2] + 0.5) + mean
      """;

  // A border of zeros stands for everything outside.
  private static final String TRANSLATION =
      """
        down = torch.floor(u[3] * (2. * DOWN + 1.)) - DOWN
        right = torch.floor(u[4] * (2. * ACROSS + 1.)) - ACROSS
        row = torch.clamp(rows - down + 1., 0., HEIGHT + 1.)
        column = torch.clamp(columns - right + 1., 0., WIDTH + 1.)
        point = torch.reshape(torch.to(row * (WIDTH + 2.) + column, 4), [-1, 1, PIXELS])
        framed = torch.reshape(torch.constant_pad_nd(x, [1, 1, 1, 1], 0.), [-1, CHANNELS, FRAMED])
        moved = torch.gather(framed, 2, torch.expand(point, [-1, CHANNELS, -1]))
        x = torch.reshape(moved, torch.size(x))
      """;

  private static final String CUTOUT =
      """
        top = torch.floor(u[5] * (HEIGHT + HIGH_PLACES)) - HIGH_HALF
        left = torch.floor(u[6] * (WIDTH + WIDE_PLACES)) - WIDE_HALF
        high = torch.logical_and(torch.ge(rows, top), torch.lt(rows, top + HIGH))
        wide = torch.logical_and(torch.ge(columns, left), torch.lt(columns, left + WIDE))
        x = x * (1. - torch.to(torch.logical_and(high, wide), 6))
      """;

  private final boolean none;
  private final NDArray rows;
  private final NDArray columns;
  private final TorchScript script;

  /**
   * Prepares the changes.
   *
   * @param kinds which
   * @param image the pictures
   * @param manager owns what it needs
   */
  Augmentation(Set<Augment> kinds, Settings.Image image, NDManager manager) {
    none = kinds.isEmpty();
    rows = manager.arange((float) image.height());
    columns = manager.arange((float) image.width());
    script = TorchScript.compile(manager, method(kinds, image));
  }

  private static String method(Set<Augment> kinds, Settings.Image image) {
    int height = image.height();
    int width = image.width();
    // The authors' rounding: an eighth and a half of each side, to the nearest.
    int high = (int) (height * 0.5 + 0.5);
    int wide = (int) (width * 0.5 + 0.5);
    return ("""
        def augment(self, x: Tensor, draws: Tensor, y: Tensor, z: Tensor) -> Tensor:
          u = torch.unbind(torch.reshape(draws, [7, -1, 1, 1, 1]))
          rows = torch.reshape(y, [1, 1, -1, 1])
          columns = torch.reshape(z, [1, 1, 1, -1])
        """
            + (kinds.contains(Augment.COLOR) ? COLOR : "")
            + (kinds.contains(Augment.TRANSLATION) ? TRANSLATION : "")
            + (kinds.contains(Augment.CUTOUT) ? CUTOUT : "")
            + "  return x\n")
        .replace("BRIGHTNESS", TorchScript.number(image.low() == 0 ? 0.5 : 1))
        .replace("DOWN", TorchScript.number((int) (height * 0.125 + 0.5)))
        .replace("ACROSS", TorchScript.number((int) (width * 0.125 + 0.5)))
        .replace("HEIGHT", TorchScript.number(height))
        .replace("WIDTH", TorchScript.number(width))
        .replace("PIXELS", "" + height * width)
        .replace("FRAMED", "" + (height + 2) * (width + 2))
        .replace("CHANNELS", "" + image.channels())
        .replace("HIGH_PLACES", TorchScript.number(1 - high % 2))
        .replace("WIDE_PLACES", TorchScript.number(1 - wide % 2))
        .replace("HIGH_HALF", TorchScript.number(Math.floorDiv(high, 2)))
        .replace("WIDE_HALF", TorchScript.number(Math.floorDiv(wide, 2)))
        .replace("HIGH", TorchScript.number(high))
        .replace("WIDE", TorchScript.number(wide));
  }

  /**
   * Changes each picture in its own way, by numbers from the engine's seeded generator.
   *
   * @param images float32 (batch, channels, height, width)
   * @return the same shape; the images themselves if nothing is to be changed
   */
  NDArray of(NDArray images) {
    if (none) {
      return images;
    }
    Shape draws = new Shape(DRAWS, images.getShape().get(0));
    return of(images, images.getManager().randomUniform(0f, 1f, draws));
  }

  /**
   * Changes pictures by given numbers.
   *
   * @param images float32 (batch, channels, height, width)
   * @param draws float32 ({@link #DRAWS}, batch), each in [0, 1)
   * @return the same shape
   */
  NDArray of(NDArray images, NDArray draws) {
    return script.call("augment", images, draws, rows, columns).singletonOrThrow();
  }
}
