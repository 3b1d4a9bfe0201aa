package dev.djinn.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.settings.Changes;
import dev.djinn.settings.Changes.Kind;
import dev.djinn.settings.Settings;
import dev.djinn.torch.TorchScript;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Makes the {@link Changes} of a recipe, differentiably and twice so, as gradient penalties need:
 * pixels are gathered, and where a picture is scaled or turned four of them are weighed. What comes
 * in from outside is reflected, what is cut out is 0 or, with alpha, clear. Colours of pictures
 * with alpha are premultiplied; they stay between 0 and alpha.
 *
 * <p>As in the paper, but for its wavelet filter, which bilinear weights stand for, and anisotropic
 * scaling, moves by parts of a pixel and flips of luma, which are left out.
 */
final class RandomChanges {
  /** Uniform numbers a picture: whether and how much of each kind, and a second how much. */
  static final int DRAWS = 3 * Kind.values().length;

  // Places are relative to the picture's middle. CHOSEN(k) is 1 where kind k is made, else 0, N(k)
  // a normal number, U(k) and V(k) uniform ones.
  private static final Map<Kind, String> PLACES =
      Map.of(
          Kind.ROTATION,
          """
            angle = (U - 0.5) * 6.283185307179586 * CHOSEN
            cosine = torch.cos(angle)
            sine = torch.sin(angle)
            a = cosine * column + sine * row
            row = cosine * row - sine * column
            column = a
          """,
          Kind.SCALE,
          """
            factor = torch.exp2(N * 0.2 * CHOSEN)
            row = row / factor
            column = column / factor
          """,
          Kind.TRANSLATION,
          """
            row = row - torch.round((U - 0.5) * (HEIGHT * 0.25)) * CHOSEN
            column = column - torch.round((V - 0.5) * (WIDTH * 0.25)) * CHOSEN
          """,
          Kind.QUARTER_TURNS,
          """
            turn = torch.floor(U * 4.) * CHOSEN * 1.5707963267948966
            cosine = torch.round(torch.cos(turn))
            sine = torch.round(torch.sin(turn))
            a = cosine * column + sine * row
            row = cosine * row - sine * column
            column = a
          """,
          Kind.MIRROR,
          """
            column = column * (1. - 2. * torch.floor(U * 2.) * CHOSEN)
          """);

  private static final String REFLECTED =
      """
        row = row + (HEIGHT - 1.) * 0.5
        column = column + (WIDTH - 1.) * 0.5
        row = (HEIGHT - 1.) - torch.abs(torch.remainder(row, 2. * (HEIGHT - 1.)) - (HEIGHT - 1.))
        column = (WIDTH - 1.) - torch.abs(torch.remainder(column, 2. * (WIDTH - 1.)) - (WIDTH - 1.))
        flat = torch.reshape(x, [-1, CHANNELS, PIXELS])
      """;

  private static final String WHOLE =
      """
        point = torch.reshape(torch.to(torch.round(row * WIDTH + column), 4), [-1, 1, PIXELS])
        x = torch.reshape(torch.gather(flat, 2, torch.expand(point, [-1, CHANNELS, -1])), torch.size(x))
      """;

  private static final String BETWEEN =
      """
        top = torch.floor(row)
        left = torch.floor(column)
        down = torch.reshape(row - top, [-1, 1, PIXELS])
        across = torch.reshape(column - left, [-1, 1, PIXELS])
        below = torch.clamp(top + 1., 0., HEIGHT - 1.)
        right = torch.clamp(left + 1., 0., WIDTH - 1.)
        p00 = torch.expand(torch.reshape(torch.to(top * WIDTH + left, 4), [-1, 1, PIXELS]), [-1, CHANNELS, -1])
        p01 = torch.expand(torch.reshape(torch.to(top * WIDTH + right, 4), [-1, 1, PIXELS]), [-1, CHANNELS, -1])
        p10 = torch.expand(torch.reshape(torch.to(below * WIDTH + left, 4), [-1, 1, PIXELS]), [-1, CHANNELS, -1])
        p11 = torch.expand(torch.reshape(torch.to(below * WIDTH + right, 4), [-1, 1, PIXELS]), [-1, CHANNELS, -1])
        upper = torch.gather(flat, 2, p00) * (1. - across) + torch.gather(flat, 2, p01) * across
        lower = torch.gather(flat, 2, p10) * (1. - across) + torch.gather(flat, 2, p11) * across
        x = torch.reshape(upper * (1. - down) + lower * down, torch.size(x))
      """;

  // Colours are in units of their range here, from -½ to ½ where they are straight and opaque.
  private static final Map<Kind, String> COLOURS =
      Map.of(
          Kind.BRIGHTNESS,
          """
            c = c + N * 0.1 * CHOSEN * alpha
          """,
          Kind.CONTRAST,
          """
            c = c * torch.exp2(N * 0.5 * CHOSEN)
          """,
          Kind.HUE,
          """
            angle = (U - 0.5) * 6.283185307179586 * CHOSEN
            grey = torch.mean(c, [1], True)
            r, g, b = torch.split(c, 1, 1)
            turned = torch.cat([b - g, r - b, g - r], 1) * 0.5773502691896258
            c = grey + (c - grey) * torch.cos(angle) + turned * torch.sin(angle)
          """,
          Kind.SATURATION,
          """
            grey = torch.mean(c, [1], True)
            c = grey + (c - grey) * torch.exp2(N * CHOSEN)
          """);

  private static final String CUTOUT =
      """
        high = torch.le(torch.abs((rows + 0.5) / HEIGHT - U), 0.25)
        wide = torch.le(torch.abs((columns + 0.5) / WIDTH - V), 0.25)
        cut = torch.to(torch.logical_and(high, wide), 6) * CHOSEN
        x = x + (BLANK - x) * cut
      """;

  private final NDArray rows;
  private final NDArray columns;
  private final TorchScript script;

  RandomChanges(Changes changes, Settings.Image image, NDManager manager) {
    rows = manager.arange((float) image.height());
    columns = manager.arange((float) image.width());
    script = TorchScript.compile(manager, method(changes.shares(), image));
  }

  private static String method(Map<Kind, Double> shares, Settings.Image image) {
    StringBuilder code =
        new StringBuilder(
            """
            def change(self, x: Tensor, draws: Tensor, p: Tensor, y: Tensor, z: Tensor) -> Tensor:
              u = torch.unbind(torch.reshape(draws, [DRAWS, -1, 1, 1, 1]))
              rows = torch.reshape(y, [1, 1, -1, 1])
              columns = torch.reshape(z, [1, 1, 1, -1])
            """);
    if (PLACES.keySet().stream().anyMatch(shares::containsKey)) {
      code.append(
          """
            row = rows + columns * 0. - (HEIGHT - 1.) * 0.5
            column = columns + rows * 0. - (WIDTH - 1.) * 0.5
          """);
      // From where a pixel comes is worked out backwards.
      List<Kind> backwards = new ArrayList<>(List.of(Kind.values()));
      Collections.reverse(backwards);
      for (Kind kind : backwards) {
        append(code, PLACES, kind, shares);
      }
      boolean between = shares.keySet().stream().anyMatch(Kind::interpolates);
      code.append(REFLECTED).append(between ? BETWEEN : WHOLE);
    }
    boolean colour = image.channels() >= 3;
    if (COLOURS.keySet().stream()
        .anyMatch(kind -> shares.containsKey(kind) && (colour || !ofColour(kind)))) {
      boolean clear = image.channels() == 4;
      code.append("  v = (x - LOW) / RANGE\n");
      code.append(
          clear
              ? "  c, alpha = torch.split_with_sizes(v, [3, 1], 1)\n"
              : "  c = v\n  alpha = torch.ones_like(torch.narrow(v, 1, 0, 1))\n");
      code.append("  c = c - alpha * 0.5\n");
      List<String> chosen = new ArrayList<>();
      for (Kind kind : Kind.values()) {
        if (COLOURS.containsKey(kind) && shares.containsKey(kind) && (colour || !ofColour(kind))) {
          append(code, COLOURS, kind, shares);
          chosen.add(chosen(kind, shares));
        }
      }
      code.append("  c = c + alpha * 0.5\n");
      code.append(
          clear ? "  c = torch.cat([torch.minimum(torch.clamp(c, 0.), alpha), alpha], 1)\n" : "");
      // The others stay what they are, to the bit.
      code.append("  some = " + String.join(" + ", chosen) + "\n");
      code.append("  x = torch.where(torch.gt(some, 0.), c * RANGE + LOW, x)\n");
    }
    append(code, Map.of(Kind.CUTOUT, CUTOUT), Kind.CUTOUT, shares);
    return code.append("  return x\n")
        .toString()
        .replace("BLANK", TorchScript.number(image.channels() == 4 ? image.low() : 0))
        .replace("LOW", TorchScript.number(image.low()))
        .replace("RANGE", TorchScript.number(1 - image.low()))
        .replace("DRAWS", "" + DRAWS)
        .replace("HEIGHT", TorchScript.number(image.height()))
        .replace("WIDTH", TorchScript.number(image.width()))
        .replace("PIXELS", "" + image.height() * image.width())
        .replace("CHANNELS", "" + image.channels());
  }

  private static boolean ofColour(Kind kind) {
    return kind == Kind.HUE || kind == Kind.SATURATION;
  }

  /** The first of the draws of a kind. */
  static int first(Kind kind) {
    return 3 * List.of(Kind.values()).indexOf(kind);
  }

  /** 1 where a kind is made, else 0. */
  private static String chosen(Kind kind, Map<Kind, Double> shares) {
    String share = TorchScript.number(shares.get(kind));
    return "torch.to(torch.lt(u[" + first(kind) + "], p * " + share + "), 6)";
  }

  private static void append(
      StringBuilder code, Map<Kind, String> of, Kind kind, Map<Kind, Double> shares) {
    if (!of.containsKey(kind) || !shares.containsKey(kind)) {
      return;
    }
    int first = first(kind);
    code.append(
        of.get(kind)
            .replace("CHOSEN", chosen(kind, shares))
            .replace("U ", "u[" + (first + 1) + "] ")
            .replace("U)", "u[" + (first + 1) + "])")
            .replace("V ", "u[" + (first + 2) + "] ")
            .replace("V)", "u[" + (first + 2) + "])")
            .replace(
                "N ",
                "(torch.erfinv(torch.clamp(u["
                    + (first + 1)
                    + "], 1e-06, 0.999999) * 2. - 1.) * 1.4142135623730951) "));
  }

  /**
   * Changes each picture in its own way, by numbers from the engine's seeded generator.
   *
   * @param images float32 (batch, channels, height, width)
   * @param probability of a kind with a share of 1
   * @return the same shape
   */
  NDArray of(NDArray images, double probability) {
    Shape draws = new Shape(DRAWS, images.getShape().get(0));
    return of(images, images.getManager().randomUniform(0f, 1f, draws), probability);
  }

  /**
   * Changes pictures by given numbers.
   *
   * @param images float32 (batch, channels, height, width)
   * @param draws float32 ({@link #DRAWS}, batch), each in [0, 1): of each kind whether, how, and
   *     how across
   * @param probability of a kind with a share of 1
   * @return the same shape
   */
  NDArray of(NDArray images, NDArray draws, double probability) {
    NDArray p = images.getManager().create((float) probability);
    return script.call("change", images, draws, p, rows, columns).singletonOrThrow();
  }
}
