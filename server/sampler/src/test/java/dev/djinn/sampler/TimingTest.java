package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimingTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void countsTimesUpToEachBound(long seed) {
    Random random = new Random(seed);
    long[] times =
        LongStream.concat(
                Timing.BOUNDS.stream().mapToLong(bound -> bound),
                LongStream.generate(() -> (long) Math.exp(random.nextDouble() * 26)).limit(500))
            .toArray();
    Timing.Counter counter = new Timing.Counter();
    for (long time : times) {
      counter.add(time);
    }
    Timing timing = counter.snapshot();
    assertEquals(times.length, timing.count());
    assertEquals(LongStream.of(times).sum(), timing.nanos());
    for (int i = 0; i < Timing.BOUNDS.size(); i++) {
      long bound = Timing.BOUNDS.get(i);
      assertEquals(
          LongStream.of(times).filter(time -> time <= bound).count(), timing.atMost().get(i));
    }
    assertThrows(IllegalArgumentException.class, () -> new Timing(0, 0, List.of(1L)));
  }

  @Test
  void flightRecorderSeesLoadsAndBatches() throws Exception {
    Path file = TestModels.write(folder, TestModels.UNCONDITIONAL);
    Path records = folder.resolve("djinn.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      try (Sampler sampler = Sampler.open(file, SamplerOptions.DEFAULT.withWorkers(1))) {
        sampler.sample(SampleRequest.of(7));
      }
      recording.stop();
      recording.dump(records);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(records).stream()
            .filter(event -> event.getEventType().getName().startsWith("dev.djinn."))
            .filter(event -> event.getString("model").equals(file.toString()))
            .toList();
    RecordedEvent load =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("dev.djinn.Load"))
            .findFirst()
            .orElseThrow();
    assertEquals("cpu", load.getString("provider"));
    List<RecordedEvent> batches =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("dev.djinn.Batch"))
            .toList();
    // Opening draws row 0, again, and beside another.
    assertEquals(
        List.of(1, 1, 2, 7), batches.stream().map(event -> event.getInt("rows")).sorted().toList());
    assertTrue(batches.stream().allMatch(event -> event.getDuration().toNanos() > 0));
  }
}
