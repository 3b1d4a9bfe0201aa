package dev.djinn.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Files that people have and Djinn does not read: it is said what each is, and what to give. */
final class OtherFiles {
  private static final String UNPACK = ": unpack it and give the folder, or pack it as a zip";
  private static final String SAVE = ": save its images as NPY or NPZ, or as pictures in a folder";
  private static final String GIVE =
      ": give a folder or zip of pictures, or an IDX, NPY or NPZ file";
  private static final String FOLDER = ": give the folder that it lies in";

  /** By the first bytes, as a pattern over ISO 8859-1; the first that matches counts. */
  private static final List<Map.Entry<String, String>> STARTS =
      List.of(
          Map.entry(
              "(\u0089PNG|\u00ff\u00d8\u00ff|GIF8|RIFF....WEBP|II\\*\0|MM\0\\*).*",
              "a picture" + FOLDER),
          Map.entry("BM.{4}\0\0\0\0.*", "a picture" + FOLDER),
          Map.entry("P[1-6]\\s+[0-9#].*", "a picture" + FOLDER),
          Map.entry("....ftyp(heic|heix|mif1|avif).*", "a picture (HEIC or AVIF)" + FOLDER),
          Map.entry("....ftyp.*", "a film: give a folder of its frames"),
          Map.entry(".{257}ustar.*", "a tar archive" + UNPACK),
          Map.entry("7z\u00bc\u00af.*", "a 7z archive" + UNPACK),
          Map.entry("Rar!.*", "a rar archive" + UNPACK),
          Map.entry("BZh[1-9].*", "packed with bzip2" + UNPACK),
          Map.entry("\u00fd7zXZ\0.*", "packed with xz" + UNPACK),
          Map.entry("\\(\u00b5/\u00fd.*", "packed with zstd" + UNPACK),
          Map.entry("\u0089HDF\r\n.*", "an HDF5 file" + SAVE),
          Map.entry("MATLAB 5.*", "a MATLAB file" + SAVE),
          Map.entry("PAR1.*", "a Parquet file" + SAVE),
          Map.entry("SQLite format 3.*", "a database" + SAVE),
          Map.entry("\u0080[\u0002-\u0005].*", "a Python pickle" + SAVE),
          Map.entry("%PDF.*", "a PDF: give a folder of pictures"),
          Map.entry(".{8}\\{[\"}].*", "a safetensors file" + SAVE),
          Map.entry("\b.\u0012.*", "an ONNX model, not data" + GIVE),
          Map.entry(".{16}\u00de\u00c0\u00ef\u00be.*", "an LMDB database" + SAVE));

  /** What begins so is read as IDX, packed or not. */
  private static final Pattern IDX = Pattern.compile("(\u001f\u008b|\0\0).*", Pattern.DOTALL);

  private OtherFiles() {}

  /**
   * Refuses what is no data, or data of another kind.
   *
   * @param start its first bytes, zeros behind its end
   */
  static void refuse(Path file, byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, String> kind : STARTS) {
      if (Pattern.compile(kind.getKey(), Pattern.DOTALL).matcher(text).matches()) {
        throw refused(file, kind.getValue());
      }
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.matches(".*(\\.tar\\.gz|\\.tgz)")) {
      throw refused(file, "a packed tar archive" + UNPACK);
    }
    if (isText(start)) {
      throw refused(
          file, name.endsWith(".csv") || name.endsWith(".tsv") ? "a table" + SAVE : "text" + GIVE);
    }
    if (!IDX.matcher(text).matches()) {
      throw refused(file, "of no kind that is known" + GIVE);
    }
  }

  private static DataException refused(Path file, String what) {
    return new DataException("%s: is %s".formatted(file, what));
  }

  /** Whether the file begins with nothing but ASCII that can be printed. */
  private static boolean isText(byte[] start) {
    int length = 0;
    while (length < start.length && start[length] != 0) {
      boolean printable = start[length] >= ' ' && start[length] < 127;
      if (!printable && start[length] != '\n' && start[length] != '\r' && start[length] != '\t') {
        return false;
      }
      length++;
    }
    return length > 16;
  }
}
