package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFilesTest {
  private static final byte[] MODEL = {1, 2, 3};

  @TempDir Path folder;

  @Test
  void whatWasTrueOfAnOlderModelGoesBeforeTheNewOneComes() throws IOException {
    Path file = folder.resolve("made/model.onnx");
    ExportFiles.replaceModel(file, MODEL);
    Path proof = Files.writeString(file.resolveSibling(ExportFiles.PROOF), "of the old");
    Path sum = Files.writeString(file.resolveSibling("model.onnx.sha256"), "of the old");
    Path card = Files.writeString(file.resolveSibling("README.md"), "a user's own");
    ExportFiles.replaceModel(file, new byte[] {4});
    assertArrayEquals(new byte[] {4}, Files.readAllBytes(file));
    assertFalse(Files.exists(proof));
    assertFalse(Files.exists(sum));
    assertTrue(Files.exists(card));
  }

  @Test
  void aProofBesideAnotherNameIsNotThatFiles() throws IOException {
    Path proof = Files.writeString(folder.resolve(ExportFiles.PROOF), "of model.onnx");
    ExportFiles.replaceModel(folder.resolve("other.onnx"), MODEL);
    assertTrue(Files.exists(proof));
  }

  @Test
  void onlyOldPartsOfTheSameFileAreSwept() throws IOException {
    Path old = part(".model.onnx.00aa.part", 25);
    Path others = part(".other.onnx.00aa.part", 25);
    Path young = part(".model.onnx.00bb.part", 1);
    ExportFiles.write(folder.resolve("model.onnx"), MODEL);
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(others));
    assertTrue(Files.exists(young));
  }

  private Path part(String name, int hours) throws IOException {
    Path part = Files.writeString(folder.resolve(name), "half");
    FileTime time = FileTime.from(Instant.now().minusSeconds(3600L * hours));
    return Files.setLastModifiedTime(part, time);
  }

  @Test
  void problemsSayWhereAndWhy() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    ExportException e =
        assertThrows(
            ExportException.class, () -> ExportFiles.write(file.resolve("model.onnx"), MODEL));
    assertEquals("cannot write " + file + ": a file is where a folder should be", e.getMessage());
    Path missing = folder.resolve("missing.onnx");
    e = assertThrows(ExportException.class, () -> ExportFiles.read(missing));
    assertTrue(
        e.getMessage().startsWith("cannot read " + missing + ": no such file"), e.getMessage());
  }

  @Test
  void nothingIsLeftOfAFileThatCannotTakeItsPlace() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("model.onnx/inside")).getParent();
    assertThrows(ExportException.class, () -> ExportFiles.write(taken, MODEL));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(taken), left.toList());
    }
  }
}
