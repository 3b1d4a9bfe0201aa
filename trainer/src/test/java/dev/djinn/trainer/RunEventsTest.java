package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.report.EventReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunEventsTest {
  @TempDir Path folder;

  @Test
  void rowsAndSheetsAreInTheEventsAsInTheFolderAndAResumedRunVoidsWhatComesAnew()
      throws IOException {
    TinyRun.start(folder, Map.of("steps", "4", "tensorboard", "true")).run();
    TinyRun.resume(folder, Map.of("tensorboard", "true")).run();
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> file.getFileName().toString().startsWith("events.out.tfevents."))
              .sorted()
              .toList();
    }
    assertEquals(2, files.size(), files.toString());
    List<String> losses = new ArrayList<>();
    List<Long> sheets = new ArrayList<>();
    for (Path file : files) {
      for (Map<Integer, List<Object>> event : EventReader.read(file)) {
        if (event.containsKey(5)) {
          read(event, losses, sheets);
        }
      }
    }
    List<String> rows =
        Files.readAllLines(folder.resolve("log.csv")).stream()
            .skip(1)
            .map(row -> row.split(","))
            .map(cells -> cells[0] + " " + cells[4])
            .toList();
    assertEquals(rows, losses);
    assertEquals(List.of(0L, 4L, 8L, 12L), sheets);
    Map<Integer, List<Object>> restart = EventReader.read(files.get(1)).get(1);
    assertTrue(restart.containsKey(7), restart.toString());
    assertEquals(5L, EventReader.one(restart, 2));
  }

  private void read(Map<Integer, List<Object>> event, List<String> losses, List<Long> sheets)
      throws IOException {
    // Protocol buffers may leave a number out that is 0; ours says it.
    long step = (long) EventReader.one(event, 2);
    Map<Integer, List<Object>> summary = EventReader.fields((byte[]) EventReader.one(event, 5));
    for (Object value : summary.get(1)) {
      Map<Integer, List<Object>> one = EventReader.fields((byte[]) value);
      String tag = EventReader.text(one, 1);
      if (tag.equals("loss/discriminator")) {
        losses.add(step + " " + EventReader.one(one, 2));
      } else if (tag.equals("samples")) {
        sheets.add(step);
        assertArrayEquals(
            Files.readAllBytes(folder.resolve("samples/%06d.png".formatted(step))),
            (byte[]) EventReader.one(EventReader.fields((byte[]) EventReader.one(one, 4)), 4));
      }
    }
  }
}
