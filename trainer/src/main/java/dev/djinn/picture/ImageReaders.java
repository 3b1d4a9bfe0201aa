package dev.djinn.picture;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * ImageIO's readers, one stated for each format: which of several the class path would give first
 * is no business of a data set. PNG, JPEG, GIF and BMP are the JDK's, TIFF is TwelveMonkeys', and
 * WebP is Google's own library: TwelveMonkeys' reader of lossy WebP filters blocks before others
 * are predicted from them, so that its colours drift by up to 80 of 255.
 */
final class ImageReaders {
  private static final String JDK = "com.sun.imageio.";
  private static final Map<String, String> MAKERS =
      Map.of("tiff", "com.twelvemonkeys.imageio.", "webp", "com.luciad.imageio.webp.");

  /** Where the library of WebP finds a folder for its native part. */
  private static final String NATIVE_FOLDER = "com.luciad.imageio.webp.tmpdir";

  private interface Use<T> {
    T of(ImageReader reader) throws IOException, UnusablePicture;
  }

  private ImageReaders() {}

  /** The first image, as its reader gives it. */
  static BufferedImage read(String format, byte[] file) throws UnusablePicture {
    return with(format, file, reader -> reader.read(0));
  }

  /** The first image's numbers as they are stored. */
  static Raster readRaster(String format, byte[] file) throws UnusablePicture {
    return with(format, file, reader -> reader.readRaster(0, null));
  }

  private static <T> T with(String format, byte[] file, Use<T> use) throws UnusablePicture {
    if (format.equals("webp")) {
      makeNativeFolder();
    }
    ImageReader reader = reader(format);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      // Without metadata: compressed text chunks could unpack to anything.
      reader.setInput(in, true, true);
      List<String> damage = new ArrayList<>();
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            // What the JPEG group's decoder says before it fills up what is missing.
            if (warning.matches("(?s).*([Cc]orrupt|[Pp]remature).*")) {
              damage.add(warning);
            }
          });
      Picture.checkSize(reader.getWidth(0), reader.getHeight(0));
      T image = use.of(reader);
      if (!damage.isEmpty()) {
        throw new UnusablePicture("damaged: " + damage.get(0));
      }
      return image;
    } catch (IOException e) {
      throw UnusablePicture.damaged(e);
    } catch (LinkageError e) {
      throw new UnusablePicture(
          "the native library of %s cannot be loaded here: %s".formatted(format, e.getMessage()));
    } finally {
      reader.dispose();
    }
  }

  /** A folder of its own that others cannot write to, gone when the process ends. */
  private static synchronized void makeNativeFolder() throws UnusablePicture {
    if (System.getProperty(NATIVE_FOLDER) == null) {
      try {
        Path folder = Files.createTempDirectory("djinn-webp");
        folder.toFile().deleteOnExit();
        System.setProperty(NATIVE_FOLDER, folder.toString());
      } catch (IOException e) {
        throw new UnusablePicture(
            "the native library of WebP finds no folder to unpack itself to: " + e.getMessage());
      }
    }
  }

  private static ImageReader reader(String format) {
    String maker = MAKERS.getOrDefault(format, JDK);
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getName().startsWith(maker)) {
        return reader;
      }
    }
    throw new IllegalStateException("no reader of %s by %s".formatted(format, maker));
  }
}
