package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir Path folder;

  /** RFC 3720, B.4: 32 bytes of zeros, and the check value of the digits. */
  @Test
  void theReadersChecksumIsTheSpecifications() {
    assertEquals(0x8a9136aa, EventReader.crc32c(new byte[32]));
    assertEquals(0xe3069283, EventReader.crc32c("123456789".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void eventsAreFramedAndSayWhatWasWritten() throws IOException {
    Path file = folder.resolve("events.out.tfevents.1");
    double before = System.currentTimeMillis() / 1e3 - 1;
    byte[] png = {1, 2, 3, 4};
    try (EventFile events = EventFile.create(file)) {
      events.restart(300);
      events.scalars(1L << 40, Map.of("loss/generator", 0.7));
      events.picture(300, "samples", png, 466, 468, 1);
    }
    List<Map<Integer, List<Object>>> read = EventReader.read(file);
    assertEquals(4, read.size());
    for (Map<Integer, List<Object>> event : read) {
      double time = (double) EventReader.one(event, 1);
      assertTrue(time > before && time < before + 60, "time " + time);
    }
    assertEquals("brain.Event:2", EventReader.text(read.get(0), 3));
    assertEquals(300L, EventReader.one(read.get(1), 2));
    assertEquals(
        1L, EventReader.one(EventReader.fields((byte[]) EventReader.one(read.get(1), 7)), 1));
    assertEquals(1L << 40, EventReader.one(read.get(2), 2));
    Map<Integer, List<Object>> scalar = value(read.get(2));
    assertEquals("loss/generator", EventReader.text(scalar, 1));
    assertEquals(0.7f, EventReader.one(scalar, 2));
    Map<Integer, List<Object>> picture = value(read.get(3));
    assertEquals("samples", EventReader.text(picture, 1));
    Map<Integer, List<Object>> image = EventReader.fields((byte[]) EventReader.one(picture, 4));
    assertEquals(468L, EventReader.one(image, 1));
    assertEquals(466L, EventReader.one(image, 2));
    assertEquals(1L, EventReader.one(image, 3));
    assertArrayEquals(png, (byte[]) EventReader.one(image, 4));
  }

  private static Map<Integer, List<Object>> value(Map<Integer, List<Object>> event) {
    Map<Integer, List<Object>> summary = EventReader.fields((byte[]) EventReader.one(event, 5));
    return EventReader.fields((byte[]) EventReader.one(summary, 1));
  }

  @Test
  void aFileOfAnotherProcessIsLeftAlone() throws IOException {
    Path file = folder.resolve("events.out.tfevents.1");
    EventFile.create(file).close();
    assertThrows(FileAlreadyExistsException.class, () -> EventFile.create(file));
  }
}
