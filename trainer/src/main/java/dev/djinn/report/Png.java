package dev.djinn.report;

import dev.djinn.files.AtomicFile;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as PNG. */
public final class Png {
  private Png() {}

  /**
   * Writes a picture; an existing file is replaced in one step, and never left half-written.
   *
   * @throws IOException if the folder cannot be made or written to
   */
  public static void write(BufferedImage image, Path file) throws IOException {
    AtomicFile.write(file, encode(image));
  }

  /**
   * Reads a picture.
   *
   * @throws IOException if it is not there or not an image
   */
  public static BufferedImage read(Path file) throws IOException {
    // A memory stream here too: ImageIO's own needs a shutdown hook, which a run that is being
    // interrupted can no longer register.
    BufferedImage image =
        ImageIO.read(
            new MemoryCacheImageInputStream(new ByteArrayInputStream(Files.readAllBytes(file))));
    if (image == null) {
      throw new IOException(file + " is not an image");
    }
    return image;
  }

  /**
   * The size of a picture, from the head of its file.
   *
   * @throws IOException if it is not there or not a PNG
   */
  public static Dimension size(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      // Signature, then the chunk IHDR: length, type, width, height.
      if (in.readLong() != 0x89504e470d0a1a0aL
          || in.readInt() != 13
          || in.readInt() != 0x49484452) {
        throw new IOException(file + " is not a PNG");
      }
      return new Dimension(in.readInt(), in.readInt());
    }
  }

  /** The bytes of a PNG file. */
  public static byte[] encode(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // A memory stream of our own: ImageIO's default makes a file in the temporary folder for every
    // picture.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalArgumentException("no PNG form for an image of type " + image.getType());
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }
}
