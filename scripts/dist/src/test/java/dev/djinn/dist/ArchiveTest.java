package dev.djinn.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  private static final String BILL =
      """
      {"components": [
        {"group": "dev.djinn", "name": "sampler", "version": "1"},
        {"group": "org.some", "name": "thing", "version": "2", "licenses": [{"license": {%s}}]}]}
      """;

  @TempDir Path folder;

  @Test
  void laysOutJarsOneThatNamesThemAndLicencesAlwaysWithTheSameBytes() throws IOException {
    Path module = module("server/http", "server-1.jar", "thing-2.jar");
    Path bill = Files.writeString(folder.resolve("bom.json"), BILL.formatted("\"id\": \"MIT\""));
    Path out = folder.resolve("out");
    lay(out, bill, module);
    byte[] first = Files.readAllBytes(out.resolve("lib/djinn-server.jar"));
    lay(out, bill, module);
    assertArrayEquals(first, Files.readAllBytes(out.resolve("lib/djinn-server.jar")));
    try (JarFile jar = new JarFile(out.resolve("lib/djinn-server.jar").toFile())) {
      assertEquals(
          "server-1.jar thing-2.jar", jar.getManifest().getMainAttributes().getValue("Class-Path"));
    }
    assertTrue(Files.exists(out.resolve("lib/thing-2.jar")));
    assertEquals(
        "MIT            org.some:thing 2\n", Files.readString(out.resolve("licenses/LIST.txt")));
    assertTrue(Files.exists(out.resolve("licenses/MIT.txt")));
    assertEquals("mine", Files.readString(out.resolve("licenses/thing-2/NOTICE.txt")));
  }

  @Test
  void refusesALicenceWhoseTextIsMissing() throws IOException {
    Path module = module("server/http", "server-1.jar", "thing-2.jar");
    Path bill = Files.writeString(folder.resolve("bom.json"), BILL.formatted("\"id\": \"WTFPL\""));
    IOException missing =
        assertThrows(IOException.class, () -> lay(folder.resolve("out"), bill, module));
    assertTrue(missing.getMessage().contains("WTFPL"), missing.getMessage());
    Files.writeString(bill, BILL.formatted("\"name\": \"Mine\""));
    IOException unknown =
        assertThrows(IOException.class, () -> lay(folder.resolve("out"), bill, module));
    assertTrue(unknown.getMessage().contains("org.some:thing"), unknown.getMessage());
  }

  @Test
  void refusesTwoDifferentJarsOfOneName() throws IOException {
    Path lib = folder.resolve("lib");
    Archive.module(module("server/http", "server-1.jar", "thing-2.jar"), "1", lib);
    Path other = module("trainer", "trainer-1.jar", "elsewhere/thing-2.jar");
    assertThrows(FileAlreadyExistsException.class, () -> Archive.module(other, "1", lib));
  }

  private static void lay(Path out, Path bill, Path module) throws IOException {
    Archive.main(
        new String[] {out.toString(), bill.toString(), "licences", "1", module.toString()});
  }

  /** A module as Maven leaves it: its jar, and the class path of others. */
  private Path module(String name, String own, String other) throws IOException {
    Path module = folder.resolve(name);
    Path target = Files.createDirectories(module.resolve("target"));
    jar(target.resolve(own), "LICENSE", "ours");
    Path second = folder.resolve("repository").resolve(other);
    Files.createDirectories(second.getParent());
    jar(second, "META-INF/NOTICE.txt", other.contains("/") ? "another's" : "mine");
    Files.writeString(target.resolve("classpath"), second + "\n");
    return module;
  }

  private static void jar(Path file, String entry, String text) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry(entry));
      zip.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }
}
