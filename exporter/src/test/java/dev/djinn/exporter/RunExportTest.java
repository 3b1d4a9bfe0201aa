package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.graph.OnnxReader;
import dev.djinn.sampler.ContractReader;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command does, called as a program would. */
class RunExportTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path run;

  @BeforeAll
  static void train() {
    run = SmallRun.train("gan", shared.resolve("run"));
  }

  private static RunExport export(RunExport.Place place, OptionalLong step, Path quality) {
    return new RunExport(
        run,
        step,
        place,
        ExportOptions.defaults(),
        new RunExport.Judged(
            Optional.ofNullable(quality), RunExport.Search.NONE, OptionalDouble.empty()),
        Optional.empty());
  }

  @Test
  void aFolderGetsTheFileAndItsProof() throws IOException {
    ExportResult result = export(new RunExport.Folder(folder), OptionalLong.empty(), null).write();
    assertEquals(folder.resolve("model.onnx"), result.file());
    assertTrue(Files.exists(folder.resolve(ExportFiles.PROOF)));
    assertTrue(
        OnnxExporter.verify(result.file(), TrainedRun.last(run), OptionalDouble.of(1e-4)).holds());
    assertThrows(
        ExportException.class, () -> OnnxExporter.verify(result.file(), TrainedRun.at(run, 1)));
  }

  @Test
  void anEarlierCheckpointIsThatOfItsStep() throws IOException {
    ExportResult early = export(new RunExport.Folder(folder), OptionalLong.of(1), null).write();
    byte[] bytes = Files.readAllBytes(early.file());
    assertTrue(OnnxExporter.verify(early.file(), TrainedRun.at(run, 1)).holds());
    export(new RunExport.Folder(folder), OptionalLong.of(1), null).write();
    assertArrayEquals(bytes, Files.readAllBytes(early.file()), "the same checkpoint");
  }

  @Test
  void aRepositoryNamesTheModelAfterThePresetUnlessTold() throws IOException {
    Path quality = Files.writeString(folder.resolve("q.json"), "{\"fcd\": 2.5, \"data\": \"x\"}");
    Path models = folder.resolve("models");
    ExportResult first =
        export(new RunExport.Repository(models, Optional.empty()), OptionalLong.empty(), quality)
            .write();
    assertEquals(models.resolve("gan/1/model.onnx"), first.file());
    try (Sampler sampler = Sampler.open(first.file())) {
      assertEquals(1, sampler.contract().quality().size(), "numbers alone");
      assertEquals(2.5, ((Number) sampler.contract().quality().get("fcd")).doubleValue());
    }
    export(new RunExport.Repository(models, Optional.of("digits")), OptionalLong.empty(), null)
        .write();
    assertTrue(Files.exists(models.resolve("digits/1/model.onnx")));
  }

  @Test
  void copiesAreLookedForUnlessTheDataAreGone() throws IOException {
    List<String> log = new ArrayList<>();
    RunExport.Judged looked =
        new RunExport.Judged(Optional.empty(), RunExport.Search.COPIES, OptionalDouble.empty());
    Path there = folder.resolve("there");
    export(run, there, looked).write(log::add);
    assertTrue(log.get(0).startsWith("copies: 0 % of the pictures lie nearer to"), log.toString());
    try (Sampler sampler = Sampler.open(there.resolve("model.onnx"))) {
      assertEquals(0.0, ((Number) sampler.contract().quality().get("copies")).doubleValue());
      assertTrue(sampler.contract().quality().containsKey("real_copies_held_out"));
    }

    Path lost = SmallRun.train("gan", folder.resolve("gone").toString(), folder.resolve("run"));
    log.clear();
    Path gone = folder.resolve("gone-export");
    export(lost, gone, looked).write(log::add);
    assertTrue(log.get(0).startsWith("copies: not looked for: unknown data set"), log.toString());
    assertTrue(Files.exists(gone.resolve("model.onnx")));

    Path refused = folder.resolve("refused");
    RunExport asked =
        export(
            lost,
            refused,
            new RunExport.Judged(Optional.empty(), RunExport.Search.NONE, OptionalDouble.of(0.5)));
    ExportException e = assertThrows(ExportException.class, asked::write);
    assertTrue(
        e.getMessage().startsWith(lost + ": copies cannot be looked for, as --max-copies needs: "),
        e.getMessage());
    assertFalse(Files.exists(refused));
  }

  private static RunExport export(Path run, Path out, RunExport.Judged judged) {
    return new RunExport(
        run,
        OptionalLong.empty(),
        new RunExport.Folder(out),
        ExportOptions.defaults(),
        judged,
        Optional.empty());
  }

  private RunExport licensed(String licence) {
    return new RunExport(
        run,
        OptionalLong.empty(),
        new RunExport.Repository(folder.resolve("models"), Optional.of("tiles")),
        ExportOptions.defaults(),
        RunExport.Judged.unknown(),
        Optional.of(licence));
  }

  @Test
  void theLicenceOfTheDataIsInTheFileAndOnItsCard() throws IOException {
    ExportResult made = licensed("CC0 1.0: tiles of a game").write();
    Map<?, ?> data =
        (Map<?, ?>)
            ContractReader.read(OnnxReader.read(Files.readAllBytes(made.file())).metadata())
                .provenance()
                .get("data");
    assertEquals("CC0 1.0: tiles of a game", data.get("licence"));
    assertTrue(data.containsKey("sha256"), data.toString());
    String card = Files.readString(folder.resolve("models/tiles/README.md"));
    assertTrue(card.contains("| licence of the data | CC0 1.0: tiles of a game |"), card);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "CC0\nof a game"})
  void aLicenceIsOneLine(String licence) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> licensed(licence));
    assertTrue(e.getMessage().startsWith("--licence must be one line of 1 to 300"), e.getMessage());
  }

  @Test
  void refusesWhatIsNoRunAndWhatIsNoQuality() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    RunExport missing =
        new RunExport(
            nowhere,
            OptionalLong.empty(),
            new RunExport.Folder(folder),
            ExportOptions.defaults(),
            RunExport.Judged.unknown(),
            Optional.empty());
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, missing::write);
    assertEquals(
        nowhere + " is no folder; give the folder of a run, such as runs/quick", e.getMessage());
    Path list = Files.writeString(folder.resolve("list.json"), "[1, 2]");
    Path out = folder.resolve("out");
    RunExport odd = export(new RunExport.Folder(out), OptionalLong.empty(), list);
    ExportException wrong = assertThrows(ExportException.class, odd::write);
    assertTrue(
        wrong.getMessage().startsWith("cannot use " + list + " as the JSON of djinn evaluate"),
        wrong.getMessage());
    assertFalse(Files.exists(out));
  }
}
