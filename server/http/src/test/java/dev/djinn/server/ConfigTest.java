package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the server says to clients of Triton is what a Triton would read beside the same model. */
@SuppressWarnings("unchecked") // made of lists and maps here
class ConfigTest {
  private static final Pattern TOKEN =
      Pattern.compile("([a-z_]+)|([{}\\[\\]:,])|\"([^\"]*)\"|([0-9]+)|([A-Z_0-9]+)|\\s+");

  @Test
  void agreesWithTheFileBesideEachShippedModel() throws IOException {
    Path models = Path.of("..", "..", "models");
    try (SamplerServer server = SamplerServer.start(models, ServedModels.options())) {
      Client client = new Client(server);
      assertTrue(server.modelNames().size() >= 10, server.modelNames().toString());
      for (String name : server.modelNames()) {
        String text = Files.readString(models.resolve(name).resolve("config.pbtxt"));
        Map<String, Object> file = new Pbtxt(text).message();
        Map<?, ?> said = Client.json(client.get("/v2/models/" + name + "/config"));
        for (String field : file.keySet()) {
          Object other = said.get(field);
          assertEquals(String.valueOf(file.get(field)), String.valueOf(other), name + " " + field);
        }
      }
    }
  }

  /** As much of protobuf's text format as such a file uses; repeated messages become lists. */
  private static final class Pbtxt {
    private static final Set<String> REPEATED = Set.of("input", "output");
    private final List<String> tokens = new ArrayList<>();
    private int at;

    Pbtxt(String text) {
      Matcher matcher = TOKEN.matcher(text);
      int end = 0;
      while (matcher.find()) {
        assertEquals(end, matcher.start(), text.substring(end));
        end = matcher.end();
        if (!matcher.group().isBlank()) {
          tokens.add(matcher.group(3) == null ? matcher.group() : matcher.group(3));
        }
      }
      assertEquals(end, text.length());
    }

    Map<String, Object> message() {
      Map<String, Object> fields = new LinkedHashMap<>();
      while (at < tokens.size() && !tokens.get(at).equals("}")) {
        String name = tokens.get(at++);
        if (tokens.get(at).equals(":")) {
          at++;
        }
        Object value = value();
        if (REPEATED.contains(name)) {
          Object all = fields.computeIfAbsent(name, key -> new ArrayList<>());
          ((List<Object>) all).add(value);
        } else {
          fields.put(name, value);
        }
      }
      return fields;
    }

    private Object value() {
      String token = tokens.get(at++);
      if (token.equals("{")) {
        Map<String, Object> inner = message();
        at++;
        return inner;
      }
      if (!token.equals("[")) {
        return token;
      }
      List<String> list = new ArrayList<>();
      for (String next = tokens.get(at++); !next.equals("]"); next = tokens.get(at++)) {
        if (!next.equals(",")) {
          list.add(next);
        }
      }
      return list;
    }
  }
}
