package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
  private static final List<String> KNOWN =
      List.of("gan", "dcgan", "cgan", "manifold-cgan", "fashion-mnist");

  @ParameterizedTest
  @CsvSource({
    "dcgn, dcgan", // a letter left out
    "dgcan, dcgan", // two swapped
    "cgann, cgan",
    "DCGAN, dcgan",
    "fashion, fashion-mnist", // a beginning
    "manifold-gan, manifold-cgan",
    "gna, gan"
  })
  void findsWhatWasMeant(String wrong, String meant) {
    assertEquals(Optional.of(meant), Names.nearest(wrong, KNOWN));
  }

  @ParameterizedTest
  @CsvSource({"wgan-gp", "''", "x", "no/such/file"})
  void saysNothingWhereNothingIsNear(String wrong) {
    assertEquals(Optional.empty(), Names.nearest(wrong, KNOWN));
  }

  @Test
  void refusesWithAllThatIsKnown() {
    assertEquals(
        "unknown preset 'dcgn'; did you mean dcgan? Known are gan, dcgan",
        Names.unknown("preset", "dcgn", List.of("gan", "dcgan")));
    assertEquals(
        "unknown preset 'resnet'; known are gan, dcgan",
        Names.unknown("preset", "resnet", List.of("gan", "dcgan")));
  }
}
