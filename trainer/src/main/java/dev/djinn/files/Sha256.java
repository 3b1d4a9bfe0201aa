package dev.djinn.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 (FIPS 180-4) of files and bytes, in lower-case hexadecimal. */
public final class Sha256 {
  private static final int BUFFER = 1 << 16;

  private Sha256() {}

  /**
   * For what comes in parts; {@link #hex} ends it.
   *
   * @return a digest that has seen nothing yet
   */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * What a digest has seen.
   *
   * @param digest reset by this
   * @return 64 digits
   */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Of bytes.
   *
   * @param bytes all of them count
   * @return 64 digits
   */
  public static String of(byte[] bytes) {
    MessageDigest digest = digest();
    digest.update(bytes);
    return hex(digest);
  }

  /**
   * Of a file, which is read in parts.
   *
   * @param file an existing file
   * @return 64 digits
   * @throws IOException if it cannot be read
   */
  public static String of(Path file) throws IOException {
    MessageDigest digest = digest();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    }
    return hex(digest);
  }
}
