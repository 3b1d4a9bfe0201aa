package dev.djinn.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSeriesTest {
  private static final String HEADER = "step,g_loss\n";

  @TempDir Path folder;
  private Path file;
  private LogSeries log;

  @BeforeEach
  void open() throws IOException {
    file = Files.writeString(folder.resolve("log.csv"), HEADER);
    log = new LogSeries(file);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private JsonObject all() throws IOException {
    log.update();
    return log.since(-1, 0);
  }

  @Test
  void aRowThatIsNotWholeYetWaitsForItsEnd() throws IOException {
    append("10,0.5\n20,0.");
    assertEquals("[[10,10,10,0.5,0.5,0.5]]", all().get("stretches").toString());
    append("25\n");
    assertEquals(
        "[[10,10,10,0.5,0.5,0.5],[20,20,20,0.25,0.25,0.25]]", all().get("stretches").toString());
    assertEquals(20, log.newest("step", 0));
    assertEquals(0.25, log.newest("g_loss", 0));
  }

  @Test
  void whatIsNoRowIsCountedAndLeftOut() throws IOException {
    append("10,0.5\n\u0000\u0000\n11\n12,x\n13,NaN\n");
    JsonObject object = all();
    assertEquals(3, object.get("unreadable").getAsInt());
    assertEquals(
        "[[10,10,10,0.5,0.5,0.5],[13,13,13,null,null,null]]", object.get("stretches").toString());
  }

  /** What was read is overwritten in place: whoever reads it again gets other numbers. */
  @Test
  void everyByteIsReadOnce() throws IOException {
    append("10,0.5\n");
    log.update();
    try (RandomAccessFile over = new RandomAccessFile(file.toFile(), "rw")) {
      over.seek(HEADER.length());
      over.write("77,7.7".getBytes(StandardCharsets.US_ASCII));
    }
    append("20,0.25\n");
    assertEquals(
        "[[10,10,10,0.5,0.5,0.5],[20,20,20,0.25,0.25,0.25]]", all().get("stretches").toString());
  }

  @Test
  void aPageGetsItsLastStretchAgainAndWhatHasComeSince() throws IOException {
    append("10,0.5\n20,0.25\n");
    int generation = all().get("generation").getAsInt();
    append("30,1\n");
    log.update();
    JsonObject since = log.since(generation, 2);
    assertEquals(1, since.get("from").getAsInt());
    assertEquals("[[20,20,20,0.25,0.25,0.25],[30,30,30,1,1,1]]", since.get("stretches").toString());
  }

  @Test
  void aLogThatIsWrittenAnewIsReadAnew() throws IOException {
    append("10,0.5\n20,0.25\n");
    int generation = all().get("generation").getAsInt();
    Path anew = Files.writeString(folder.resolve("anew"), HEADER + "10,0.5\n");
    Files.move(anew, file, StandardCopyOption.REPLACE_EXISTING);
    log.update();
    JsonObject since = log.since(generation, 2);
    assertTrue(since.get("generation").getAsInt() > generation);
    assertEquals(0, since.get("from").getAsInt());
    assertEquals(1, since.get("rows").getAsInt());
  }

  @Test
  void aHundredThousandRowsAreAsLightAsAThousand() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 100_000; i++) {
      text.append(i).append(',').append(i % 2 == 0 ? 3 : 1).append('\n');
    }
    append(text.toString());
    JsonObject object = all();
    JsonArray stretches = object.get("stretches").getAsJsonArray();
    assertTrue(stretches.size() > LogSeries.MOST / 2 - 1, "stretches " + stretches.size());
    assertTrue(stretches.size() <= LogSeries.MOST, "stretches " + stretches.size());
    assertEquals(100_000, object.get("rows").getAsInt());
    // 128 rows each: the first are of steps 1 to 128, half of them 1 and half of them 3.
    assertEquals("[64.5,1,128,2,1,3]", stretches.get(0).toString());
    // One more row is one more small answer.
    append("100001,1\n");
    log.update();
    JsonObject since = log.since(object.get("generation").getAsInt(), stretches.size());
    assertTrue(since.toString().length() < 300, since.toString());
  }
}
