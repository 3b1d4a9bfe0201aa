package dev.djinn.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownHolesTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  @TempDir Path folder;

  /** Orders that text would get wrong: 2.10 is after 2.9, a candidate before its release. */
  @ParameterizedTest
  @CsvSource({
    "2.8, 0",
    "2.9, 1",
    "2.10, 1",
    "2.11-rc1, 1",
    "2.11, 0",
    "2.12, 0",
    "3.0, 1",
    "3.1, 1",
    "3.2, 0",
    "1.0.special, 1"
  })
  void findsTheVersionsOfARangeAsMavenOrdersThem(String version, int code) throws IOException {
    Files.writeString(
        folder.resolve("GHSA-1.json"),
        """
        {"id": "GHSA-1", "modified": "2026-01-02T00:00:00Z", "summary": "Overflow", "affected": [
          {"package": {"ecosystem": "Maven", "name": "org.some:thing"},
           "ranges": [{"type": "ECOSYSTEM", "events": [
             {"introduced": "2.9"}, {"fixed": "2.11"}, {"introduced": "3.0"}, {"last_affected": "3.1"}]}],
           "versions": ["1.0.special"]}]}
        """);
    assertEquals(code, run(folder.toString(), version), said());
    assertEquals(code == 1, said().contains("org.some:thing " + version + ": GHSA-1, Overflow"));
    assertTrue(said().contains("1 components against 1 records of Maven's"), said());
  }

  @Test
  void readsAZipAndLeavesOutWhatWasWithdrawnOrIsNotMavens() throws IOException {
    Path zip = folder.resolve("all.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      add(out, "a", "Maven", "");
      add(out, "b", "Maven", "\"withdrawn\": \"2026-01-01T00:00:00Z\", ");
      add(out, "c", "npm", "");
    }
    assertEquals(1, run(zip.toString(), "1.0"));
    assertEquals(
        """
        org.some:thing 1.0: a, ; not mended
        1 components against 2 records of Maven's, the newest of no date: 1 known holes
        """,
        said());
  }

  @Test
  void saysThatNothingWasCheckedWithoutADatabase() throws IOException {
    assertEquals(77, run("", "1.0"));
    assertTrue(said().contains("nothing was checked"), said());
  }

  @Test
  void takesNoEmptyOrBrokenDatabaseForGoodNews() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertEquals(1, run(empty.toString(), "1.0"));
    assertEquals(1, run(folder.resolve("missing.zip").toString(), "1.0"));
    Files.writeString(empty.resolve("half.json"), "{\"id\": ");
    assertEquals(1, run(empty.toString(), "1.0"));
    assertTrue(said().contains("half.json"), said());
  }

  private static void add(ZipOutputStream zip, String id, String ecosystem, String more)
      throws IOException {
    zip.putNextEntry(new ZipEntry(id + ".json"));
    String text =
        "{\"id\": \"%s\", %s\"affected\": [{\"package\": {\"ecosystem\": \"%s\", \"name\":"
            + " \"org.some:thing\"}, \"versions\": [\"1.0\"]}]}";
    zip.write(text.formatted(id, more, ecosystem).getBytes(StandardCharsets.UTF_8));
  }

  private int run(String database, String version) throws IOException {
    Path bill = folder.resolve("bill.cdx");
    Files.writeString(
        bill,
        "{\"components\": [{\"group\": \"org.some\", \"name\": \"thing\", \"version\": \""
            + version
            + "\"}]}");
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    return KnownHoles.run(database, List.of(bill), out, out);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }
}
