package dev.djinn.server.cli;

import dev.djinn.sampler.Samples;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.FileImageOutputStream;

/**
 * A GIF that is shown without end. Grey stays exact; colour is reduced to 256 a picture and alpha
 * to clear or not, as GIF wants.
 *
 * @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF 89a</a>
 */
final class GifFilm implements FilmFrames {
  private final ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
  private final FileImageOutputStream out;
  private final long hundredths;
  private boolean begun;
  private boolean closed;

  GifFilm(Path file, int rate) throws IOException {
    this.hundredths = Math.round(100.0 / rate);
    this.out = new FileImageOutputStream(file.toFile());
    writer.setOutput(out);
    writer.prepareWriteSequence(null);
  }

  @Override
  public void add(Samples part, int index) throws IOException {
    BufferedImage image = indexed(part.toImage(index));
    // Not createFromRenderedImage, which takes a standard palette for every indexed image.
    IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), null);
    describe(metadata, part.shape().hasAlpha());
    writer.writeToSequence(new IIOImage(image, null, metadata), null);
    begun = true;
  }

  @Override
  public void finish() throws IOException {
    writer.endWriteSequence();
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      writer.dispose();
      out.close();
    }
  }

  /**
   * Grey values are their own place in a grey palette. ImageIO makes a palette for colours itself.
   */
  private static BufferedImage indexed(BufferedImage image) {
    if (image.getType() != BufferedImage.TYPE_BYTE_GRAY) {
      return image;
    }
    byte[] ramp = new byte[256];
    for (int i = 0; i < 256; i++) {
      ramp[i] = (byte) i;
    }
    IndexColorModel palette = new IndexColorModel(8, 256, ramp, ramp, ramp);
    WritableRaster indices =
        palette.createCompatibleWritableRaster(image.getWidth(), image.getHeight());
    indices.setRect(image.getRaster());
    return new BufferedImage(palette, indices, false, null);
  }

  private void describe(IIOMetadata metadata, boolean clear) throws IOException {
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
    IIOMetadataNode control = child(root, "GraphicControlExtension");
    // Where the next picture is clear, this one must be gone.
    control.setAttribute("disposalMethod", clear ? "restoreToBackgroundColor" : "none");
    // The JDK's writer mixes up the rows of interlaced pictures of fewer than five.
    child(root, "ImageDescriptor").setAttribute("interlaceFlag", "FALSE");
    control.setAttribute("delayTime", Long.toString(hundredths));
    if (!begun) {
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
