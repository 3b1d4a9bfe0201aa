package dev.djinn.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
  @TempDir Path folder;

  @Test
  void isThatOfTheStandardsExamples() throws IOException {
    // FIPS 180-4's example, and a million times 'a' (longer than one reading).
    byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
    String expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertEquals(expected, Sha256.of(abc));
    assertEquals(expected, Sha256.of(Files.write(folder.resolve("abc"), abc)));
    Path million = Files.writeString(folder.resolve("a"), "a".repeat(1_000_000));
    assertEquals(
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", Sha256.of(million));
  }
}
