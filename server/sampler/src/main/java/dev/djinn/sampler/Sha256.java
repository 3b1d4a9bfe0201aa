package dev.djinn.sampler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, as {@code sha256sum} writes it. */
public final class Sha256 {
  private Sha256() {}

  /**
   * Hashes bytes.
   *
   * @param bytes any number
   * @return 32 bytes
   */
  public static byte[] of(byte[] bytes) {
    return begin().digest(bytes);
  }

  /**
   * Hashes bytes.
   *
   * @param bytes any number
   * @return in hexadecimal
   */
  public static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(of(bytes));
  }

  /**
   * Hashes a file's bytes.
   *
   * @param file of any size
   * @return in hexadecimal
   * @throws IOException if it cannot be read
   */
  public static String hex(Path file) throws IOException {
    MessageDigest digest = begin();
    byte[] part = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(part); count >= 0; count = in.read(part)) {
        digest.update(part, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
