package dev.djinn.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.network.NetworkException;
import dev.djinn.run.Presets;
import dev.djinn.trainer.TinyRun;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalTest {
  private static List<Long> due(String text, long stepsPerEpoch, long last) {
    Interval interval = Interval.parse(text).orElseThrow();
    return LongStream.rangeClosed(1, last)
        .filter(step -> interval.due(step, stepsPerEpoch))
        .boxed()
        .toList();
  }

  @Test
  void changesItsRhythmAfterTheFirstStretch() {
    assertEquals(List.of(2L, 4L, 6L, 9L, 12L), due("2 until 6, then 3", 100, 13));
    assertEquals(List.of(5L, 10L, 20L), due("1 until 2, then 4 epochs", 5, 24));
    assertEquals(List.of(3L, 6L), due("3", 5, 8));
    assertEquals(List.of(10L, 20L), due("2 epochs", 5, 24));
    assertEquals(List.of(3L, 13L, 23L), due("3 then every 10", 5, 30));
    assertEquals(List.of(5L, 20L, 35L), due("1 then every 3 epochs", 5, 40));
  }

  @Test
  void theManifoldsOfThePresetComeWhenTheirDocumentSays() {
    // 0, 20 … 1980 are a hundred; the untrained sheet is the first. 2000, 2200 … 5000 are sixteen.
    Interval every =
        Presets.settings("manifold-cgan", Map.of(), 10)
            .recording()
            .samples()
            .manifoldEvery()
            .orElseThrow();
    List<Long> due =
        LongStream.rangeClosed(1, 5000).filter(step -> every.due(step, 39)).boxed().toList();
    assertEquals(99 + 16, due.size());
    assertEquals(List.of(20L, 40L), due.subList(0, 2));
    assertEquals(List.of(1980L, 2000L, 2200L), due.subList(98, 101));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "1 epoch",
        "10 epochs",
        "20 until 2000, then 200",
        "1 until 5, then 2 epochs",
        "1 then every 10 epochs",
        "3 then every 5"
      })
  void comesBackFromItsText(String text) {
    Interval interval = Interval.parse(text).orElseThrow();
    assertEquals(text, interval.toString());
    assertEquals(
        interval, TinyRun.settings(Map.of("sample-every", text)).recording().samples().every());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20 until, then 5",
        "0 epochs",
        "20 until 2000",
        "often",
        "1 until 2, then 0",
        "11 then every 10",
        "1 then every 10 until 20, then 30",
        "1.5"
      })
  void otherTextsAreRefusedWithTheirLine(String text) {
    assertEquals(Optional.empty(), Interval.parse(text));
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> Presets.settings("quick", Map.of("log-every", "'" + text + "'"), 0));
    assertTrue(
        e.getMessage().contains("log-every: expected a number of steps, '10 epochs'"),
        e.getMessage());
  }

  @Test
  void aManifoldNeedsALatentOfTwoNumbers() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> Presets.settings("cgan", Map.of("manifold-every", "20"), 10));
    assertTrue(
        e.getMessage()
            .contains("manifold-every: a manifold shows a latent of two numbers, this one has 100"),
        e.getMessage());
  }
}
