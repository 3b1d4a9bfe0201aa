package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunFactsTest {
  @Test
  void saysWhichPicturesARunHadAndWhichItWouldHave() {
    List<String> digits = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    RunFacts facts =
        new RunFacts(
            "digits",
            Map.of(),
            "00",
            3000,
            digits,
            1,
            Optional.empty(),
            Map.of(),
            Optional.empty());
    assertEquals("3,000 of 10 classes, now 300 of 2", facts.comparedTo(300, List.of("cat", "dog")));
    assertEquals("still 3,000 of 10 classes", facts.comparedTo(3000, digits));
    List<String> others = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    assertEquals(
        "3,000 of 10 classes, now 3,000 of 10 with other names", facts.comparedTo(3000, others));
    assertEquals("3,000 of 10 classes, now 3,000 of 0", facts.comparedTo(3000, List.of()));
  }
}
