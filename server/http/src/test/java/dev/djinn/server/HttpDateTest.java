package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class HttpDateTest {
  @Test
  void isTheTimeInTheFormOfRfc1123AndGoesOn() throws Exception {
    String first = checked();
    Thread.sleep(1100);
    assertNotEquals(first, checked());
  }

  private static String checked() {
    Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    String text = HttpDate.now();
    Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    assertFalse(date.isBefore(before), text);
    assertFalse(date.isAfter(Instant.now()), text);
    return text;
  }
}
