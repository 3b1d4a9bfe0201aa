package dev.djinn.dist;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The licences of what an archive carries: a list by the bill of materials, the text of each kind
 * with those whose copyright it is, and what lies in the jars themselves. A component without a
 * licence, or of a kind whose text is not here, ends the build.
 */
final class Licences {
  /** What a POM says too little of, or a name that stands for another licence. */
  private static final Map<String, String> SAID_BY_THE_PROJECT =
      Map.of("com.twelvemonkeys.", "BSD-3-Clause", "net.java.dev.jna:", "Apache-2.0");

  private static final String OWN = "dev.djinn";

  private record Component(String name, String version, String licence) {}

  private final Path bill;
  private final Path texts;

  Licences(Path bill, Path texts) {
    this.bill = bill;
    this.texts = texts;
  }

  /**
   * Writes them.
   *
   * @param lib the jars
   * @param folder the new folder: LIST.txt, a text a kind, and a folder for each jar that has any
   */
  void write(Path lib, Path folder) throws IOException {
    Files.createDirectories(folder);
    StringBuilder list = new StringBuilder();
    TreeSet<String> kinds = new TreeSet<>();
    for (Component component : components()) {
      kinds.add(component.licence());
      list.append(
          String.format(
              Locale.ROOT,
              "%-14s %s %s%n",
              component.licence(),
              component.name(),
              component.version()));
    }
    Files.writeString(folder.resolve("LIST.txt"), list);
    for (String kind : kinds) {
      Path text = texts.resolve(kind + ".txt");
      if (!Files.exists(text)) {
        throw new IOException("no text of the licence " + kind + ": add " + text);
      }
      Files.copy(text, folder.resolve(kind + ".txt"));
    }
    Files.copy(texts.resolve("NATIVES.txt"), folder.resolve("NATIVES.txt"));
    try (Stream<Path> jars = Files.list(lib)) {
      for (Path jar : jars.sorted().toList()) {
        unpack(jar, folder);
      }
    }
  }

  private List<Component> components() throws IOException {
    JsonObject root = JsonParser.parseString(Files.readString(bill)).getAsJsonObject();
    List<Component> components = new ArrayList<>();
    for (JsonElement element : root.getAsJsonArray("components")) {
      JsonObject component = element.getAsJsonObject();
      String group = component.get("group").getAsString();
      if (!group.equals(OWN)) {
        String name = group + ":" + component.get("name").getAsString();
        components.add(
            new Component(name, component.get("version").getAsString(), licence(name, component)));
      }
    }
    components.sort((a, b) -> a.name().compareTo(b.name()));
    return components;
  }

  private static String licence(String name, JsonObject component) throws IOException {
    for (Map.Entry<String, String> said : SAID_BY_THE_PROJECT.entrySet()) {
      if (name.startsWith(said.getKey())) {
        return said.getValue();
      }
    }
    JsonArray licences = component.getAsJsonArray("licenses");
    if (licences == null || licences.isEmpty()) {
      throw new IOException(name + " names no licence: say it in Licences");
    }
    JsonObject first = licences.get(0).getAsJsonObject();
    JsonObject licence = first.getAsJsonObject("license");
    if (licence == null || !licence.has("id")) {
      throw new IOException(name + " has a licence that SPDX does not know: " + first);
    }
    return licence.get("id").getAsString();
  }

  /** Copies the licences and notices of a jar. */
  private static void unpack(Path jar, Path folder) throws IOException {
    String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        String file = entry.getName().replaceFirst("^META-INF/", "");
        if (file.toLowerCase(Locale.ROOT)
            .matches("(licen[sc]e|notice|copying|third-?party-?notices)(\\.(txt|md))?")) {
          Path to = Files.createDirectories(folder.resolve(name)).resolve(file);
          try (InputStream text = zip.getInputStream(entry)) {
            Files.copy(text, to);
          }
        }
      }
    }
  }
}
