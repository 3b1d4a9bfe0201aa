package dev.djinn.dist;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.maven.artifact.versioning.ComparableVersion;

/**
 * Compares what a bill of materials names with a database of known holes, offline. The database is
 * in OSV's format (https://ossf.github.io/osv-schema): a folder of JSON records, or a zip of them
 * as OSV publishes for all of Maven. Versions are ordered as Maven orders them.
 */
public final class KnownHoles {
  /** How tests that cannot be done say so. */
  private static final int SKIPPED = 77;

  private static final String JSON = ".json";

  /** By group and artifact, the versions that a bill names. */
  private final Map<String, TreeSet<String>> used = new TreeMap<>();

  private final TreeSet<String> found = new TreeSet<>();
  private int records;
  private String newest = "";

  private KnownHoles() {}

  /**
   * Compares, prints a line for each hole, and ends the JVM: 0 for none, 1 for some or a database
   * that cannot be read, 77 where there is no database.
   *
   * @param args the database, maybe empty, and bills of materials in CycloneDX's JSON
   */
  public static void main(String[] args) {
    System.exit(
        run(args[0], Stream.of(args).skip(1).map(Path::of).toList(), System.out, System.err));
  }

  static int run(String database, List<Path> bills, PrintStream out, PrintStream err) {
    if (database.isEmpty()) {
      err.println(
          "check-holes: skipped, nothing was checked: no database; give a folder or a zip of OSV"
              + " records");
      return SKIPPED;
    }
    KnownHoles holes = new KnownHoles();
    try {
      for (Path bill : bills) {
        holes.use(bill);
      }
      holes.compare(Path.of(database));
    } catch (IOException | JsonParseException | IllegalStateException e) {
      err.println("check-holes: cannot read what was given: " + e.getMessage());
      return 1;
    }
    if (holes.records == 0) {
      err.println("check-holes: " + database + " holds no OSV record of Maven's; nothing checked");
      return 1;
    }
    holes.found.forEach(out::println);
    out.printf(
        "%d components against %d records of Maven's, the newest of %s: %s%n",
        holes.used.size(),
        holes.records,
        holes.newest.isEmpty() ? "no date" : holes.newest,
        holes.found.isEmpty() ? "no known hole" : holes.found.size() + " known holes");
    return holes.found.isEmpty() ? 0 : 1;
  }

  private void use(Path bill) throws IOException {
    JsonObject root = parsed(Files.readString(bill), bill.toString());
    if (!root.has("components")) {
      throw new IOException(bill + " has no components: it is no bill in CycloneDX's JSON");
    }
    for (JsonElement element : root.getAsJsonArray("components")) {
      JsonObject component = element.getAsJsonObject();
      used.computeIfAbsent(
              text(component, "group") + ":" + text(component, "name"), name -> new TreeSet<>())
          .add(text(component, "version"));
    }
  }

  private void compare(Path database) throws IOException {
    if (Files.isDirectory(database)) {
      List<Path> files;
      try (Stream<Path> all = Files.walk(database)) {
        files = all.filter(file -> file.toString().endsWith(JSON)).toList();
      }
      for (Path file : files) {
        record(parsed(Files.readString(file), file.toString()));
      }
      return;
    }
    try (ZipFile zip = new ZipFile(database.toFile())) {
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        if (entry.getName().endsWith(JSON)) {
          try (InputStream in = zip.getInputStream(entry)) {
            record(parsed(new String(in.readAllBytes(), StandardCharsets.UTF_8), entry.getName()));
          }
        }
      }
    }
  }

  private void record(JsonObject hole) {
    boolean ofMaven = false;
    for (JsonElement element : array(hole, "affected")) {
      JsonObject affected = element.getAsJsonObject();
      JsonObject of = affected.getAsJsonObject("package");
      if (of == null || !"Maven".equals(text(of, "ecosystem"))) {
        continue;
      }
      ofMaven = true;
      String name = text(of, "name");
      for (String version : used.getOrDefault(name, new TreeSet<>())) {
        if (!hole.has("withdrawn") && isAffected(version, affected)) {
          found.add(
              name
                  + " "
                  + version
                  + ": "
                  + text(hole, "id")
                  + ", "
                  + text(hole, "summary")
                  + fixed(affected));
        }
      }
    }
    if (ofMaven) {
      records++;
      String modified = text(hole, "modified");
      newest = modified.compareTo(newest) > 0 ? modified : newest;
    }
  }

  private static boolean isAffected(String version, JsonObject affected) {
    for (JsonElement listed : array(affected, "versions")) {
      if (listed.getAsString().equals(version)) {
        return true;
      }
    }
    for (JsonElement range : array(affected, "ranges")) {
      if ("ECOSYSTEM".equals(text(range.getAsJsonObject(), "type"))
          && isWithin(version, array(range.getAsJsonObject(), "events"))) {
        return true;
      }
    }
    return false;
  }

  /** Events come in the order of versions, as OSV's schema has it: in from here, out from there. */
  private static boolean isWithin(String version, JsonArray events) {
    ComparableVersion own = new ComparableVersion(version);
    boolean within = false;
    for (JsonElement element : events) {
      JsonObject event = element.getAsJsonObject();
      if (event.has("introduced")) {
        String from = text(event, "introduced");
        within |= "0".equals(from) || own.compareTo(new ComparableVersion(from)) >= 0;
      } else if (event.has("fixed")) {
        within &= own.compareTo(new ComparableVersion(text(event, "fixed"))) < 0;
      } else if (event.has("last_affected")) {
        within &= own.compareTo(new ComparableVersion(text(event, "last_affected"))) <= 0;
      }
    }
    return within;
  }

  private static String fixed(JsonObject affected) {
    List<String> versions = new ArrayList<>();
    for (JsonElement range : array(affected, "ranges")) {
      for (JsonElement event : array(range.getAsJsonObject(), "events")) {
        if (event.getAsJsonObject().has("fixed")) {
          versions.add(text(event.getAsJsonObject(), "fixed"));
        }
      }
    }
    return versions.isEmpty() ? "; not mended" : "; mended in " + String.join(", ", versions);
  }

  private static JsonObject parsed(String text, String source) throws IOException {
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }

  private static JsonArray array(JsonObject object, String key) {
    return object.has(key) ? object.getAsJsonArray(key) : new JsonArray();
  }

  private static String text(JsonObject object, String key) {
    return object.has(key) ? object.get(key).getAsString() : "";
  }
}
