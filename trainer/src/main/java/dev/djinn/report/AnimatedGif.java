package dev.djinn.report;

import dev.djinn.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.FileImageOutputStream;

/**
 * Pictures shown one after the other, without end. Grey stays exact; colour is reduced to 256 a
 * picture, as GIF wants.
 *
 * @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF 89a</a>
 */
public final class AnimatedGif {
  private static final int TITLE_SCALE = 2;
  private static final int TITLE_HEIGHT = BitmapFont.HEIGHT * TITLE_SCALE + 4;

  /**
   * Where a picture comes from when its turn comes, so that a long animation needs no more than one
   * at a time.
   */
  @FunctionalInterface
  public interface Picture {
    /**
     * Gives the picture.
     *
     * @throws IOException if it cannot be read
     */
    BufferedImage read() throws IOException;
  }

  /**
   * One picture of the animation.
   *
   * @param title drawn above it in ASCII; empty for none
   * @param picture grey or RGB, the same size in every frame
   */
  public record Frame(String title, Picture picture) {
    /** A frame that is read from an image file. */
    public static Frame of(String title, Path file) {
      return new Frame(title, () -> Png.read(file));
    }
  }

  private AnimatedGif() {}

  /**
   * Writes an animation; the file appears whole or not at all.
   *
   * @param frames at least one; if one has a title, all get room for it
   * @param delay of each frame, to a hundredth of a second, at least 20 ms, under which browsers
   *     slow down
   * @param last of the last frame, likewise: what it all led to is looked at longer
   * @throws IllegalArgumentException if there are no frames, they differ in size, or a delay is too
   *     short
   * @throws IOException if a picture cannot be read or the file cannot be written
   */
  public static void write(List<Frame> frames, Duration delay, Duration last, Path file)
      throws IOException {
    if (frames.isEmpty() || !fits(delay) || !fits(last)) {
      throw new IllegalArgumentException(
          "no animation of %d frames, each %d ms, the last %d ms"
              .formatted(frames.size(), delay.toMillis(), last.toMillis()));
    }
    AtomicFile.write(file, part -> writeSequence(frames, delay, last, part));
  }

  private static boolean fits(Duration delay) {
    return hundredths(delay) >= 2 && hundredths(delay) <= 0xffff;
  }

  private static long hundredths(Duration delay) {
    return delay.toMillis() / 10;
  }

  private static void writeSequence(List<Frame> frames, Duration delay, Duration last, Path file)
      throws IOException {
    boolean titled = frames.stream().anyMatch(frame -> !frame.title().isEmpty());
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (FileImageOutputStream out = new FileImageOutputStream(file.toFile())) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      BufferedImage first = null;
      for (int i = 0; i < frames.size(); i++) {
        Frame frame = frames.get(i);
        BufferedImage image = indexed(titled ? withTitle(frame) : frame.picture().read());
        if (first == null) {
          first = image;
        } else if (image.getWidth() != first.getWidth() || image.getHeight() != first.getHeight()) {
          throw new IllegalArgumentException(
              "frame '%s' is %d x %d, the first %d x %d"
                  .formatted(
                      frame.title(),
                      image.getWidth(),
                      image.getHeight(),
                      first.getWidth(),
                      first.getHeight()));
        }
        // Not createFromRenderedImage, which takes a standard palette for every indexed image.
        IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), null);
        describe(metadata, hundredths(i < frames.size() - 1 ? delay : last), i == 0);
        writer.writeToSequence(new IIOImage(image, null, metadata), null);
      }
      writer.endWriteSequence();
    } finally {
      writer.dispose();
    }
  }

  private static BufferedImage withTitle(Frame frame) throws IOException {
    BufferedImage picture = frame.picture().read();
    BufferedImage titled =
        new BufferedImage(
            picture.getWidth(),
            picture.getHeight() + TITLE_HEIGHT,
            isGrey(picture) ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
    int room = picture.getWidth() - BitmapFont.width(frame.title(), TITLE_SCALE);
    int scale = room >= 0 ? TITLE_SCALE : 1;
    int left = Math.max(0, (picture.getWidth() - BitmapFont.width(frame.title(), scale)) / 2);
    int top = (TITLE_HEIGHT - BitmapFont.HEIGHT * scale) / 2;
    BitmapFont.draw(titled, frame.title(), left, top, scale, 255, 255, 255);
    WritableRaster below =
        titled
            .getRaster()
            .createWritableChild(
                0, TITLE_HEIGHT, picture.getWidth(), picture.getHeight(), 0, 0, null);
    if (isGrey(picture)) {
      below.setRect(picture.getRaster());
    } else {
      for (int y = 0; y < picture.getHeight(); y++) {
        for (int x = 0; x < picture.getWidth(); x++) {
          titled.setRGB(x, y + TITLE_HEIGHT, picture.getRGB(x, y));
        }
      }
    }
    return titled;
  }

  private static boolean isGrey(BufferedImage image) {
    return image.getType() == BufferedImage.TYPE_BYTE_GRAY;
  }

  /**
   * Grey values are their own place in a grey palette. ImageIO makes a palette for colours itself.
   */
  private static BufferedImage indexed(BufferedImage image) {
    if (!isGrey(image)) {
      return image;
    }
    byte[] ramp = new byte[256];
    for (int i = 0; i < 256; i++) {
      ramp[i] = (byte) i;
    }
    IndexColorModel palette = new IndexColorModel(8, 256, ramp, ramp, ramp);
    Raster values = image.getRaster();
    WritableRaster indices =
        palette.createCompatibleWritableRaster(image.getWidth(), image.getHeight());
    indices.setRect(values);
    return new BufferedImage(palette, indices, false, null);
  }

  private static void describe(IIOMetadata metadata, long hundredths, boolean first)
      throws IOException {
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
    IIOMetadataNode control = child(root, "GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("transparentColorIndex", "0");
    control.setAttribute("delayTime", Long.toString(hundredths));
    if (first) {
      IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
      loop.setAttribute("applicationID", "NETSCAPE");
      loop.setAttribute("authenticationCode", "2.0");
      // Sub-block 1: how often to repeat, 16 bits, 0 being for ever.
      loop.setUserObject("\1\0\0".getBytes(StandardCharsets.ISO_8859_1));
      child(root, "ApplicationExtensions").appendChild(loop);
    }
    metadata.setFromTree(format, root);
  }

  private static IIOMetadataNode child(IIOMetadataNode root, String name) {
    for (int i = 0; i < root.getLength(); i++) {
      if (root.item(i).getNodeName().equals(name)) {
        return (IIOMetadataNode) root.item(i);
      }
    }
    IIOMetadataNode child = new IIOMetadataNode(name);
    root.appendChild(child);
    return child;
  }
}
