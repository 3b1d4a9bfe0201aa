package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryExportTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Generator generator;

  @BeforeAll
  static void train() {
    generator = TrainedRun.last(SmallRun.train("manifold-cgan", shared.resolve("run")));
  }

  @Test
  void addsVersionsAndNeverOverwrites() throws IOException {
    RepositoryExport repository = new RepositoryExport(folder);
    ExportResult first = repository.add("digits", generator, ExportOptions.defaults());
    byte[] before = Files.readAllBytes(first.file());
    ExportResult second = repository.add("digits", generator, ExportOptions.of(Target.PLAIN));
    assertEquals(folder.resolve("digits/1/model.onnx"), first.file());
    assertEquals(folder.resolve("digits/2/model.onnx"), second.file());
    assertArrayEquals(before, Files.readAllBytes(first.file()));
    assertEquals(
        Set.of("1", "2", "README.md", "config.pbtxt", "labels.txt", "samples.png"),
        names(folder.resolve("digits")));
    assertEquals(Set.of("digits"), names(folder));
    assertEquals(
        Set.of("model.onnx", "model.onnx.sha256", "proof.txt"), names(folder.resolve("digits/1")));
    assertEquals(Set.of("digits"), ModelFiles.repository(folder).keySet());
  }

  @Test
  void describesTheModelForTritonAndForPeople() throws Exception {
    new RepositoryExport(folder).add("digits", generator, ExportOptions.defaults());
    Path home = folder.resolve("digits");
    String config = Files.readString(home.resolve("config.pbtxt"));
    assertTrue(config.contains("name: \"digits\"\nplatform: \"onnxruntime_onnx\""), config);
    assertTrue(config.contains("name: \"latent\"\n  data_type: TYPE_FP32\n  dims: [ 2 ]"), config);
    assertTrue(config.contains("dims: [ 1 ]\n  reshape: { shape: [ ] }"), config);
    assertTrue(config.contains("data_type: TYPE_UINT8\n  dims: [ 28, 28, 1 ]"), config);
    assertEquals(10, Files.readAllLines(home.resolve("labels.txt")).size());
    assertEquals(8 * 28, ImageIO.read(home.resolve("samples.png").toFile()).getHeight() / 28 * 28);
    String card = Files.readString(home.resolve("README.md"));
    assertTrue(card.startsWith("# digits\n") && card.contains("manifold-cgan"), card);
    assertFalse(card.contains("null"), card);
    assertTrue(card.contains("| licence of the data | CC BY-SA 3.0 |"), card);
    assertTrue(card.contains("| precision | fp32 |"), card);
    assertTrue(card.contains("| training | 2 steps, seed "), card);
    assertTrue(card.contains("Not evaluated.") && !card.contains("losses.png"), card);
    byte[] model = Files.readAllBytes(home.resolve("1/model.onnx"));
    assertEquals(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model))
            + "  model.onnx\n",
        Files.readString(home.resolve("1/model.onnx.sha256")));
    try (Sampler sampler = Sampler.open(home)) {
      assertEquals(generator.labels(), sampler.contract().labels());
    }
  }

  @Test
  void aTrainingThatIsNotOverSaysSo() throws IOException {
    Generator early = TrainedRun.at(shared.resolve("run"), 1);
    new RepositoryExport(folder).add("early", early, ExportOptions.defaults());
    String card = Files.readString(folder.resolve("early/README.md"));
    assertTrue(card.contains("| training | 1 of 2 steps, seed "), card);
  }

  @Test
  void picturesOfOnesOwnInAFolderCalledMnistHaveNoKnownLicence() throws IOException {
    Path run = SmallRun.train("quick", "/home/somebody/mnist", folder.resolve("run"));
    ExportResult result =
        new RepositoryExport(folder.resolve("models"))
            .add("own", TrainedRun.last(run), ExportOptions.of(Target.SERVER, Precision.FP16));
    String card = Files.readString(folder.resolve("models/own/README.md"));
    assertTrue(card.contains("| licence of the data | not known to Djinn; "), card);
    assertTrue(card.contains("| data | ./mnist, "), card);
    assertTrue(result.precisionLoss().isEmpty(), "measured with the digits' classifier");
  }

  @Test
  void thePlotOfAnotherRunGoesWithItsVersion() throws IOException {
    RepositoryExport repository = new RepositoryExport(folder);
    Path plot = Files.writeString(shared.resolve("plot.png"), "a plot");
    Path beside = folder.resolve("digits/losses.png");
    repository.add("digits", generator, ExportOptions.defaults(), plot);
    assertTrue(Files.exists(beside));
    repository.add("digits", generator, ExportOptions.defaults());
    assertFalse(Files.exists(beside));
  }

  @Test
  void saysThatAnotherExportTookTheVersion() throws IOException {
    // The version after the last one that counts as one, as if another export had just made it.
    Files.createDirectories(folder.resolve("digits/999999999"));
    Path theirs = Files.createDirectories(folder.resolve("digits/1000000000"));
    Files.writeString(theirs.resolve("model.onnx"), "theirs");
    RepositoryExport repository = new RepositoryExport(folder);
    ExportException e =
        assertThrows(
            ExportException.class,
            () -> repository.add("digits", generator, ExportOptions.defaults()));
    assertTrue(
        e.getMessage().startsWith("another export took the same version in "), e.getMessage());
    assertEquals("theirs", Files.readString(theirs.resolve("model.onnx")));
    assertEquals(Set.of("digits"), names(folder));
  }

  @Test
  void leavesNothingWhenTheFileIsNotTheNetwork() throws IOException {
    ExportOptions strict =
        new ExportOptions(
            Target.SERVER, Set.of(), Set.of(), Precision.FP32, OptionalDouble.of(1e-12));
    RepositoryExport repository = new RepositoryExport(folder);
    assertThrows(ExportException.class, () -> repository.add("digits", generator, strict));
    assertEquals(Set.of(), names(folder));
  }

  @Test
  void refusesAVersionThatCallersOfTheOthersDoNotUnderstand() throws IOException {
    RepositoryExport repository = new RepositoryExport(folder);
    repository.add("digits", generator, ExportOptions.defaults());
    List<String> renamed = new ArrayList<>(generator.labels());
    renamed.set(0, "nought");
    Generator other =
        new Generator(
            generator.network(),
            generator.weights(),
            generator.range(),
            generator.latent(),
            renamed,
            generator.provenance());
    ExportException e =
        assertThrows(
            ExportException.class, () -> repository.add("digits", other, ExportOptions.defaults()));
    assertTrue(
        e.getMessage().contains("does not fit version 1 in " + folder.resolve("digits"))
            && e.getMessage().contains("its labels is [nought, 1")
            && e.getMessage().contains("give --name"),
        e.getMessage());
    assertEquals(Set.of(1), ModelFiles.versions(folder.resolve("digits")).keySet());
    assertEquals(Set.of("digits"), names(folder));
  }

  @Test
  void saysWhenOnlyWhatIsBesideAVersionCouldNotBeReplaced() throws IOException {
    RepositoryExport repository = new RepositoryExport(folder);
    Path home = folder.resolve("digits");
    repository.add("digits", generator, ExportOptions.defaults());
    Files.delete(home.resolve("README.md"));
    Files.createDirectories(home.resolve("README.md/in the way"));
    ExportException e =
        assertThrows(
            ExportException.class,
            () -> repository.add("digits", generator, ExportOptions.defaults()));
    assertTrue(
        e.getMessage()
            .startsWith(
                "version 2 is in " + home + ", but README.md beside it could not be replaced: "),
        e.getMessage());
    assertEquals(Set.of(1, 2), ModelFiles.versions(home).keySet());
    assertEquals(Set.of("digits"), names(folder));
  }

  @Test
  void deletesWhatAKilledExportLeftTheDayBefore() throws IOException {
    Path old = Files.createDirectories(folder.resolve(".export-old/1"));
    Files.writeString(old.resolve("model.onnx.part"), "half a model");
    Files.setLastModifiedTime(
        old.getParent(), FileTime.from(Instant.now().minus(25, ChronoUnit.HOURS)));
    Files.createDirectories(folder.resolve(".export-running"));
    // As one that another export has just moved: listed, but not there.
    Files.createSymbolicLink(folder.resolve(".export-moved"), folder.resolve("nowhere"));
    new RepositoryExport(folder).add("digits", generator, ExportOptions.defaults());
    assertEquals(Set.of(".export-moved", ".export-running", "digits"), names(folder));
  }

  @Test
  void refusesNamesThatLeaveTheFolder() {
    RepositoryExport repository = new RepositoryExport(folder);
    for (String name : new String[] {"../x", "", ".hidden", "a/b"}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> repository.add(name, generator, ExportOptions.defaults()));
    }
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
