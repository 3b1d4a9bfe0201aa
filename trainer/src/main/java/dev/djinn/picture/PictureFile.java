package dev.djinn.picture;

import java.util.Locale;

/** A picture's file, of any format that is read: to a {@link Picture}, or to the reason why not. */
public final class PictureFile {
  /** Bytes of one picture's file, a camera's largest being about 50 MB. */
  public static final int GREATEST = 128 << 20;

  /** Formats that are read, as one names them. */
  public static final String FORMATS = PictureFormat.READ;

  private PictureFile() {}

  /**
   * Decodes the first image of a file.
   *
   * @param file all its bytes
   * @return the picture
   * @throws UnusablePicture if it is of no format that is read, lacks part of its pixels, has
   *     colours that cannot be read right, or is too large
   */
  public static Picture decode(byte[] file) throws UnusablePicture {
    try {
      return PictureFormat.of(file).decode(file);
    } catch (OutOfMemoryError e) {
      // A file of a few bytes can ask for gigabytes; what it asked for is given up by now.
      throw UnusablePicture.tooLarge();
    } catch (RuntimeException e) {
      // ImageIO's readers throw all kinds of unchecked exceptions on damaged files.
      throw UnusablePicture.damaged(e);
    }
  }

  /**
   * Whether a file is a picture by its name, one that is read or one of which it is said that it is
   * not.
   *
   * @param name with its ending
   */
  public static boolean isNamedAsOne(String name) {
    return PictureFormat.ENDINGS.contains(
        name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }
}
