package dev.djinn.watch;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import dev.djinn.files.StepNames;
import dev.djinn.run.RunRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What each address answers. A run is named as the list of runs names it and nothing else is a way
 * to a file.
 */
final class WatchAnswers {
  /** For pages that lie in run folders, which may be anybody's: no origin, and so no token. */
  private static final String SANDBOX =
      "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline';"
          + " script-src 'unsafe-inline'";

  private static final Map<String, RunRequest> REQUESTS =
      Map.of("draw", RunRequest.DRAW, "save", RunRequest.SAVE, "stop", RunRequest.STOP);

  private final RunsFolder folder;
  private final Map<String, WatchedRun> known = new ConcurrentHashMap<>();
  private final byte[] page;
  private final String policy;

  WatchAnswers(RunsFolder folder, String token) {
    this.folder = folder;
    try (InputStream in = WatchAnswers.class.getResourceAsStream("watch.html")) {
      page =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("{{token}}", token)
              .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("Djinn's own page is missing", e);
    }
    policy =
        "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'nonce-%s'; script-src"
                .formatted(token)
            + " 'nonce-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                .formatted(token);
  }

  WatchReply of(HttpExchange exchange, WatchAccess access) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    if (path.equals("/api/ask")) {
      if (!method.equals("POST")) {
        return WatchReply.text(405, "a change is a POST");
      }
      if (!access.knowsToken(exchange)) {
        return WatchReply.text(403, "a change needs the token of the page as it is now; reload it");
      }
    }
    if (!path.equals("/api/ask") && !method.equals("GET") && !method.equals("HEAD")) {
      return WatchReply.text(405, "only GET");
    }
    try {
      return answer(path, query);
    } catch (NoSuchRunException e) {
      return missing();
    }
  }

  private WatchReply answer(String path, Map<String, String> query) throws IOException {
    return switch (path) {
      case "/" -> WatchReply.html(page, policy);
      case "/favicon.ico" -> new WatchReply(204, "image/png", new byte[0], Map.of());
      case "/api/runs" -> runs();
      case "/api/ask" -> ask(query);
      case "/api/run" -> live(query);
      case "/api/sheet" -> sheet(query);
      case "/api/manifold" -> manifold(query);
      case "/api/nearest" -> nearest(query);
      case "/api/quality" -> file(query, "quality.json", "application/json");
      case "/report" -> page(query, "report.html");
      case "/quality" -> page(query, "quality.html");
      default -> WatchReply.text(404, "nothing is at " + path);
    };
  }

  private WatchReply runs() throws IOException {
    Map<String, Path> found = folder.find();
    known.keySet().retainAll(found.keySet());
    JsonArray all = new JsonArray();
    for (Map.Entry<String, Path> entry : found.entrySet()) {
      JsonObject summary = run(entry.getKey(), entry.getValue()).summary();
      summary.addProperty("name", entry.getKey());
      all.add(summary);
    }
    JsonObject object = new JsonObject();
    object.addProperty("folder", folder.root().toString());
    object.add("runs", all);
    return WatchReply.json(object);
  }

  private WatchedRun run(String name, Path path) {
    return known.computeIfAbsent(name, added -> new WatchedRun(path));
  }

  private WatchedRun run(Map<String, String> query) throws NoSuchRunException {
    String name = query.getOrDefault("run", "");
    WatchedRun run = known.get(name);
    if (run == null) {
      Path path = folder.find().get(name);
      if (path == null) {
        throw new NoSuchRunException();
      }
      run = run(name, path);
    }
    return run;
  }

  /** What a name that no run has is answered with. */
  private static final class NoSuchRunException extends IOException {
    private static final long serialVersionUID = 1;

    NoSuchRunException() {
      super("no such run");
    }
  }

  private WatchReply live(Map<String, String> query) throws IOException {
    return WatchReply.json(
        run(query)
            .since(
                new WatchedRun.Known(
                    (int) number(query, "generation", -1),
                    (int) number(query, "stretches", 0),
                    (int) number(query, "sheets", 0),
                    number(query, "sheet", -1),
                    query.getOrDefault("stamp", ""))));
  }

  private static WatchReply missing() {
    return WatchReply.text(404, "no such run; it may have been moved or deleted");
  }

  private WatchReply sheet(Map<String, String> query) throws IOException {
    long step = number(query, "step", -1);
    return step < 0
        ? WatchReply.text(404, "no such step")
        : file(query, "samples/" + StepNames.of(step) + ".png", "image/png").kept();
  }

  private WatchReply manifold(Map<String, String> query) throws IOException {
    String name = query.getOrDefault("name", "");
    return name.matches("manifold(-[^/\\\\]+)?\\.png")
        ? file(query, name, "image/png")
        : WatchReply.text(404, "no such picture");
  }

  private WatchReply nearest(Map<String, String> query) throws IOException {
    String page = query.getOrDefault("page", "");
    int index = (int) number(query, "index", -1);
    if (!List.of("report.html", "quality.html").contains(page)) {
      return WatchReply.text(404, "no such page");
    }
    List<EmbeddedPictures.Picture> all = EmbeddedPictures.of(run(query).path().resolve(page));
    return index < 0 || index >= all.size()
        ? WatchReply.text(404, "no such picture")
        : WatchReply.png(all.get(index).png());
  }

  private WatchReply file(Map<String, String> query, String name, String type) throws IOException {
    Path file = run(query).path().resolve(name);
    return Files.isRegularFile(file)
        ? new WatchReply(200, type, Files.readAllBytes(file), Map.of())
        : WatchReply.text(404, "the run has no " + name);
  }

  private WatchReply page(Map<String, String> query, String name) throws IOException {
    WatchReply found = file(query, name, "text/html; charset=utf-8");
    return found.status() == 200 ? WatchReply.html(found.body(), SANDBOX) : found;
  }

  private WatchReply ask(Map<String, String> query) throws IOException {
    RunRequest request = REQUESTS.get(query.getOrDefault("what", ""));
    if (request == null) {
      return WatchReply.text(400, "ask for draw, save or stop");
    }
    WatchedRun run = run(query);
    if (!run.running()) {
      return WatchReply.text(409, "the run is not being trained now");
    }
    request.ask(run.path());
    return WatchReply.text(200, "asked");
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    if (raw != null && raw.length() < 10_000) {
      for (String part : raw.split("&", -1)) {
        String[] pair = part.split("=", 2);
        if (pair.length == 2) {
          query.put(pair[0], decoded(pair[1]));
        }
      }
    }
    return query;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static long number(Map<String, String> query, String name, long otherwise) {
    String text = query.getOrDefault(name, "");
    return text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : otherwise;
  }
}
