package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.server.SamplerServer;
import dev.djinn.server.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents say to type, as far as it is about the library and the server. */
class DocumentTest {
  private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");

  private static final List<String> COMMANDS = List.of("sample", "serve", "inspect", "bench");

  /** Blocks of code by their document and place, of a language; "" for what is typed in a shell. */
  private record Snippet(String where, String language, String text) {}

  private static List<Snippet> snippets;

  @TempDir Path folder;

  @BeforeAll
  static void read() throws IOException {
    snippets = new ArrayList<>();
    for (String place : new String[] {".", "server", "models", "scripts", "exporter", "trainer"}) {
      List<Path> documents;
      try (Stream<Path> files =
          Files.find(
              ROOT.resolve(place),
              place.equals(".") ? 1 : 4,
              (file, attributes) ->
                  file.toString().endsWith(".md") && !file.toString().contains("/target/"))) {
        documents = files.sorted().toList();
      }
      for (Path document : documents) {
        Matcher block = BLOCK.matcher(Files.readString(document));
        while (block.find()) {
          snippets.add(
              new Snippet(
                  ROOT.relativize(document) + " at " + block.start(),
                  block.group(1),
                  block.group(2)));
        }
      }
    }
    assertTrue(snippets.size() > 60, snippets.size() + " snippets");
  }

  @Test
  void javaCompiles() {
    Map<String, String> sources = new TreeMap<>();
    for (Snippet snippet : snippets) {
      // The exporter's and the examples' are compiled where their classes are, and so is the
      // README's
      // that trains.
      boolean here =
          !snippet.where().startsWith("exporter")
              && !snippet.where().startsWith("scripts/examples")
              && !snippet.text().contains("TrainingRequest");
      if (snippet.language().equals("java") && here) {
        String name = "Snippet" + sources.size();
        sources.put(
            name,
            """
            import dev.djinn.sampler.*;
            import dev.djinn.sampler.GeneratorContract.*;
            import dev.djinn.server.*;
            import java.io.*;
            import java.nio.file.*;
            import java.util.List;
            import javax.imageio.ImageIO;
            // %s
            class %s { void run() throws Exception {
            %s
            } }
            """
                .replaceFirst("%s", Matcher.quoteReplacement(snippet.where()))
                .replaceFirst("%s", name)
                .replaceFirst("%s", Matcher.quoteReplacement(snippet.text())));
      }
    }
    assertTrue(sources.size() >= 12, sources.keySet().toString());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    boolean compiled =
        compiler
            .getTask(
                null,
                null,
                problems,
                options,
                null,
                sources.entrySet().stream()
                    .map(source -> inMemory(source.getKey(), source.getValue()))
                    .toList())
            .call();
    assertTrue(compiled, problems.getDiagnostics().toString());
  }

  private static JavaFileObject inMemory(String name, String text) {
    return new SimpleJavaFileObject(
        URI.create("memory:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  @Test
  void commandsParse() {
    int parsed = 0;
    for (Snippet snippet : shell()) {
      for (String line : snippet.text().split("\n", -1)) {
        List<String> words = words(line.replaceFirst("^scripts/djinn ", "djinn "));
        if (words.size() > 1 && words.get(0).equals("djinn") && COMMANDS.contains(words.get(1))) {
          PrintWriter nowhere = new PrintWriter(new StringWriter());
          try {
            Help.parser(new ServerMain(), nowhere, nowhere)
                .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
          } catch (picocli.CommandLine.ParameterException e) {
            throw new AssertionError(snippet.where() + ": " + line, e);
          }
          parsed++;
        }
      }
    }
    assertTrue(parsed >= 25, parsed + " commands");
  }

  @Test
  void scriptsThatAreNamedAreThere() {
    Pattern script = Pattern.compile("(?<![\\w/.])scripts/[\\w./-]*\\w");
    for (Snippet snippet : shell()) {
      Matcher named = script.matcher(snippet.text());
      while (named.find()) {
        boolean built = named.group().contains("/target");
        assertTrue(
            built || Files.exists(ROOT.resolve(named.group())),
            snippet.where() + " names " + named.group());
      }
    }
  }

  @Test
  void addressesAnswer() throws Exception {
    int asked = 0;
    try (SamplerServer server =
        SamplerServer.start(ROOT.resolve("models"), ServerOptions.defaults().withPort(0))) {
      for (Snippet snippet : shell()) {
        for (String line : snippet.text().split("\n", -1)) {
          List<String> words = words(line);
          String url =
              words.stream()
                  .filter(word -> word.startsWith("http://127.0.0.1:8000/"))
                  .findFirst()
                  .orElse(null);
          if (!words.contains("curl") || url == null) {
            continue;
          }
          int body = words.indexOf("-d");
          HttpRequest.Builder request =
              HttpRequest.newBuilder(
                  URI.create(server.address() + known(url.substring(21), server.modelNames())));
          HttpResponse<String> answer =
              HttpClient.newHttpClient()
                  .send(
                      (body < 0
                              ? request.GET()
                              : request.POST(
                                  HttpRequest.BodyPublishers.ofString(words.get(body + 1))))
                          .build(),
                      HttpResponse.BodyHandlers.ofString());
          assertEquals(200, answer.statusCode(), snippet.where() + ": " + line);
          asked++;
        }
      }
    }
    assertTrue(asked >= 10, asked + " addresses");
  }

  /** The reader's own model is called otherwise than those here; its path is the same. */
  private static String known(String path, List<String> names) {
    Matcher model = Pattern.compile("/v2/models/([^/]+)/").matcher(path);
    return !model.find() || names.contains(model.group(1))
        ? path
        : path.replaceFirst("/v2/models/[^/]+/", "/v2/models/dcgan-mnist/");
  }

  private static List<Snippet> shell() {
    return snippets.stream()
        .filter(snippet -> snippet.language().isEmpty())
        .collect(Collectors.toList());
  }

  /** {@return a line's first command by the shell's rules, as far as the documents need them} */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)").matcher(line);
    while (word.find()) {
      String bare = word.group(3);
      boolean end =
          bare != null
              && (bare.startsWith("#") || List.of("|", ">", "&&", "&", ";").contains(bare));
      if (end) {
        break;
      }
      words.add(bare != null ? bare : word.group(1) != null ? word.group(1) : word.group(2));
    }
    return words;
  }
}
