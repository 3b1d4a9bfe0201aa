package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFilesTest {
  @TempDir Path folder;

  @BeforeEach
  void setModelsFolder() {
    System.setProperty("djinn.models", folder.resolve("models").toString());
  }

  @AfterEach
  void clearModelsFolder() {
    System.clearProperty("djinn.models");
    System.clearProperty("djinn.home");
  }

  @Test
  void takesANameOfTheModelsThatDjinnCameWith() throws IOException {
    System.clearProperty("djinn.models");
    System.setProperty("djinn.home", folder.toString());
    Path file = touch("models/shipped-digits/1/model.onnx");
    assertEquals(file, ModelFiles.resolve("shipped-digits"));
    assertEquals(folder.resolve("models"), ModelFiles.modelsFolder());
    SamplerException unknown =
        assertThrows(SamplerException.class, () -> ModelFiles.resolve("shipped-digit"));
    assertTrue(unknown.getMessage().contains("shipped-digits"), unknown.getMessage());
  }

  @Test
  void looksOnlyInTheModelsFolderThatWasChosen() throws IOException {
    System.setProperty("djinn.home", folder.resolve("home").toString());
    touch("home/models/shipped-digits/1/model.onnx");
    assertThrows(SamplerException.class, () -> ModelFiles.resolve("shipped-digits"));
    assertEquals(folder.resolve("models"), ModelFiles.modelsFolder());
  }

  @Test
  void takesAFile() throws IOException {
    Path file = touch("any.name");
    assertEquals(file, ModelFiles.resolve(file.toString()));
  }

  @Test
  void takesAFolderWithModelOnnxBesideOthers() throws IOException {
    Path file = touch("export/model.onnx");
    touch("export/model.web.onnx");
    assertEquals(file, ModelFiles.resolve(folder.resolve("export").toString()));
  }

  @Test
  void takesAFolderWithOneOnnxFile() throws IOException {
    Path file = touch("export/digits.onnx");
    touch("export/README.md");
    assertEquals(file, ModelFiles.resolve(folder.resolve("export").toString()));
  }

  @Test
  void takesTheHighestVersionByNumberNotByText() throws IOException {
    touch("models/dcgan/9/model.onnx");
    Path file = touch("models/dcgan/10/model.onnx");
    touch("models/dcgan/011/model.onnx");
    touch("models/dcgan/next/model.onnx");
    Files.createDirectories(folder.resolve("models/dcgan/12"));
    assertEquals(file, ModelFiles.resolve("dcgan"));
    assertEquals(
        List.of(9, 10), List.copyOf(ModelFiles.versions(folder.resolve("models/dcgan")).keySet()));
  }

  @Test
  void takesARepositoryOfOneModel() throws IOException {
    Path file = touch("models/dcgan/1/model.onnx");
    assertEquals(file, ModelFiles.resolve(folder.resolve("models").toString()));
  }

  @Test
  void listsARepositoryWithoutHiddenAndEmptyFolders() throws IOException {
    touch("models/b/1/model.onnx");
    touch("models/a/1/model.onnx");
    touch("models/.hidden/1/model.onnx");
    touch("models/empty/README.md");
    touch("models/README.md");
    assertEquals(
        List.of("a", "b"), List.copyOf(ModelFiles.repository(folder.resolve("models")).keySet()));
    assertTrue(ModelFiles.repository(folder.resolve("missing")).isEmpty());
  }

  @Test
  void namesTheModelsThereAreWhenNoneHasTheName() throws IOException {
    touch("models/dcgan/1/model.onnx");
    touch("models/cgan/1/model.onnx");
    SamplerException e = fails("dcgna");
    assertEquals(
        "unknown model 'dcgna'; did you mean dcgan? Known are cgan, dcgan; or give a file or folder",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "missing", "missing/model.onnx", "a\u0000b", "/missing"})
  void refusesWhatNamesNothing(String model) {
    fails(model);
  }

  @Test
  void refusesAFolderThatLeavesAChoice() throws IOException {
    touch("two/a.onnx");
    touch("two/b.onnx");
    assertTrue(
        fails(folder.resolve("two").toString())
            .getMessage()
            .endsWith("holds 2 .onnx files: name one of them"));
    touch("models/a/1/model.onnx");
    touch("models/b/1/model.onnx");
    assertTrue(
        fails(folder.resolve("models").toString())
            .getMessage()
            .endsWith("holds several models: name one of [a, b]"));
    Files.createDirectories(folder.resolve("none"));
    assertTrue(
        fails(folder.resolve("none").toString()).getMessage().endsWith("holds no .onnx file"));
  }

  private Path touch(String file) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.createFile(path);
  }

  private static SamplerException fails(String model) {
    SamplerException e = assertThrows(SamplerException.class, () -> ModelFiles.resolve(model));
    assertEquals(Reason.NOT_FOUND, e.reason());
    return e;
  }
}
