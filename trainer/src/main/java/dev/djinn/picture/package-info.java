/**
 * The bytes of a picture's file, of any usual format, to red, green, blue and alpha as they are
 * meant to be seen. Whatever cannot be read right is an {@link dev.djinn.picture.UnusablePicture}
 * with the true reason, never a guess.
 *
 * <p>{@link dev.djinn.picture.PictureFile#decode} is the door. Behind it {@code PictureFormat}
 * tells formats by their first bytes; {@code JpegFile}, {@code PngFile}, {@code GifFile}, {@code
 * TiffFile}, {@code WebpFile} and {@code NetpbmFile} check that a file is whole and know what
 * ImageIO's readers do not say; {@code StoredColours} takes what a reader has decoded, and {@code
 * ColourProfile} brings it to sRGB.
 *
 * <pre>{@code
 * Picture photo = PictureFile.decode(Files.readAllBytes(path));
 * byte[] planes = photo.onWhite();
 * }</pre>
 */
package dev.djinn.picture;
