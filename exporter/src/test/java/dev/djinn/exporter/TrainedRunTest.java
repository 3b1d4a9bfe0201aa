package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainedRunTest {
  @ParameterizedTest
  @CsvSource({
    "mnist-10k, mnist-10k",
    "/home/me/photos, photos",
    "stacked-mnist, stacked-mnist",
    "stacked-mnist:mnist, stacked-mnist:mnist",
    "stacked-mnist:/data/mnist, stacked-mnist:mnist"
  })
  void namesDataByItsEndAndSaysThatItIsStacked(String data, String name) {
    assertEquals(name, TrainedRun.name(data));
  }
}
