package dev.djinn.picture;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Formats of pictures, told by a file's first bytes. */
enum PictureFormat {
  JPEG {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      JpegFile jpeg = JpegFile.read(file);
      return StoredColours.ofJpeg(jpeg).picture(jpeg.profile()).turned(jpeg.orientation());
    }
  },
  PNG {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      PngFile png = PngFile.read(file);
      return StoredColours.ofPng(png).picture(png.profile()).turned(png.orientation());
    }
  },
  GIF {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      GifFile gif = GifFile.read(file);
      return gif.onScreen(StoredColours.of(ImageReaders.read("gif", file)).picture());
    }
  },
  BMP {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      return StoredColours.of(ImageReaders.read("bmp", file)).picture();
    }
  },
  TIFF {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      TiffFile tiff = TiffFile.read(file);
      return tiff.samples().picture(tiff.profile()).turned(tiff.orientation());
    }
  },
  WEBP {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      WebpFile webp = WebpFile.read(file);
      return StoredColours.of(ImageReaders.read("webp", webp.firstFrame()))
          .picture(webp.profile())
          .turned(webp.orientation());
    }
  },
  NETPBM {
    @Override
    Picture decode(byte[] file) throws UnusablePicture {
      return NetpbmFile.read(file).picture();
    }
  },
  EMPTY("the file is empty"),
  HEIC("HEIC and AVIF are not read: convert it to PNG or JPEG"),
  JPEG_XL("JPEG XL is not read: convert it to PNG or JPEG"),
  JPEG_2000("JPEG 2000 is not read: convert it to PNG or JPEG"),
  PHOTOSHOP("Photoshop's files are not read: convert it to PNG or JPEG"),
  LFS("a pointer of Git LFS, not the picture: fetch it with git lfs pull"),
  WEB_PAGE("a web page, not a picture: what servers answer for files that they lack"),
  OTHER("not a " + PictureFormat.READ + " image");

  /** Formats that are read, as one names them. */
  static final String READ = "PNG, JPEG, WebP, TIFF, GIF, BMP, PPM or PGM";

  /** Endings of names, in lower case without the dot, of pictures that are read or refused. */
  static final Set<String> ENDINGS =
      Set.of(
          "png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "tif", "tiff", "webp",
          "ppm", "pgm", "pbm", "pnm", "avif", "heic", "heif", "jxl", "jp2", "j2k", "psd", "tga",
          "ico", "svg", "dng", "cr2", "cr3", "nef", "arw", "orf", "rw2", "raf", "exr", "hdr");

  private final String refusal;

  PictureFormat() {
    this("");
  }

  PictureFormat(String refusal) {
    this.refusal = refusal;
  }

  Picture decode(byte[] file) throws UnusablePicture {
    throw new UnusablePicture(refusal);
  }

  static PictureFormat of(byte[] file) {
    if (file.length == 0) {
      return EMPTY;
    }
    if (starts(file, 0, "\u00ff\u00d8\u00ff")) {
      return JPEG;
    }
    if (starts(file, 0, "\u0089PNG\r\n\u001a\n")) {
      return PNG;
    }
    if (starts(file, 0, "GIF8")) {
      return GIF;
    }
    if (starts(file, 0, "BM") && file.length >= 26) {
      return BMP;
    }
    if (starts(file, 0, "II*\0")
        || starts(file, 0, "MM\0*")
        || starts(file, 0, "II+\0")
        || starts(file, 0, "MM\0+")) {
      return TIFF;
    }
    if (starts(file, 0, "RIFF") && starts(file, 8, "WEBP")) {
      return WEBP;
    }
    if (file.length > 2
        && file[0] == 'P'
        && file[1] >= '1'
        && file[1] <= '6'
        && NetpbmFile.isSpace(file[2])) {
      return NETPBM;
    }
    return refused(file);
  }

  private static PictureFormat refused(byte[] file) {
    if (starts(file, 4, "ftyp")) {
      return HEIC;
    }
    if (starts(file, 0, "\u00ff\n") || starts(file, 4, "JXL ")) {
      return JPEG_XL;
    }
    if (starts(file, 4, "jP  ") || starts(file, 0, "\u00ffO\u00ffQ")) {
      return JPEG_2000;
    }
    if (starts(file, 0, "version https://git-lfs")) {
      return LFS;
    }
    if (starts(file, 0, "<!DOCTYPE html") || starts(file, 0, "<html")) {
      return WEB_PAGE;
    }
    return starts(file, 0, "8BPS") ? PHOTOSHOP : OTHER;
  }

  private static boolean starts(byte[] file, int at, String with) {
    byte[] bytes = with.getBytes(StandardCharsets.ISO_8859_1);
    if (file.length < at + bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (file[at + i] != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
