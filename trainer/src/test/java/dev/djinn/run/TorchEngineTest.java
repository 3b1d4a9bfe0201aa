package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchEngineTest {
  private static final String OFFLINE = "ai.djl.offline";

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "auto"})
  void everyDeviceIsOfAnEngineThatWasToldToStayOffline(String wish) {
    assumeTrue(System.getenv("DJL_OFFLINE") == null, "the environment decides");
    System.clearProperty(OFFLINE);
    TorchEngine.device(wish);
    assertEquals("true", System.getProperty(OFFLINE));
  }
}
