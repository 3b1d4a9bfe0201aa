package dev.djinn.server;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Where a request goes.
 *
 * @param endpoint what is asked for
 * @param model the model's name; null where the endpoint has none
 * @param version the model's version; null for the server's choice
 * @param query the query's parameters
 */
record Route(Endpoint endpoint, String model, String version, Map<String, List<String>> query) {

  private static final int MOST_PARAMETERS = 64;

  /** Those whose path has no names in it, by its segments. */
  private static final Map<List<String>, Endpoint> FIXED =
      Map.of(
          List.of("", "metrics"), Endpoint.METRICS,
          List.of("", "openapi.json"), Endpoint.OPENAPI,
          List.of("", "v2"), Endpoint.SERVER,
          List.of("", "v2", "health", "live"), Endpoint.LIVE,
          List.of("", "v2", "health", "ready"), Endpoint.READY,
          List.of("", "v2", "models"), Endpoint.MODELS,
          List.of("", "v2", "models", "stats"), Endpoint.STATS,
          List.of("", "v2", "repository", "index"), Endpoint.INDEX);

  /** Everything that can be asked for. */
  enum Endpoint {
    PAGE("GET"),
    OPENAPI("GET"),
    LIVE("GET"),
    READY("GET"),
    SERVER("GET"),
    MODELS("GET"),
    MODEL("GET"),
    MODEL_READY("GET"),
    CONFIG("GET"),
    STATS("GET"),
    METRICS("GET"),
    INDEX("POST"),
    LOAD("POST"),
    UNLOAD("POST"),
    INFER("POST"),
    GENERATE("POST"),
    SAMPLES("GET");

    private final String method;

    Endpoint(String method) {
      this.method = method;
    }
  }

  /**
   * Finds the route of a request.
   *
   * @throws RequestException 404 where nothing is, 405 for the wrong method
   */
  static Route find(String method, String target) throws RequestException {
    Route route;
    try {
      String path = Authority.path(target);
      QueryStringDecoder uri = new QueryStringDecoder(path, true);
      // A limit on the number of parameters bounds what a hostile query costs.
      QueryStringDecoder query =
          new QueryStringDecoder(
              path, java.nio.charset.StandardCharsets.UTF_8, true, MOST_PARAMETERS);
      route = find(uri.rawPath(), query.parameters());
    } catch (IllegalArgumentException e) {
      throw RequestException.bad("malformed request target: " + e.getMessage());
    }
    if (route == null) {
      throw new RequestException(404, "there is nothing at '" + abbreviate(target) + "'");
    }
    boolean fits =
        method.equals(route.endpoint.method)
            || (method.equals("HEAD") && route.endpoint.method.equals("GET"));
    if (!fits) {
      String allowed = route.endpoint.method.equals("GET") ? "GET, HEAD" : route.endpoint.method;
      throw new RequestException(405, "Method Not Allowed", Map.of("Allow", allowed));
    }
    return route;
  }

  private static Route find(String rawPath, Map<String, List<String>> query) {
    if (rawPath.equals("/")) {
      return new Route(Endpoint.PAGE, null, null, query);
    }
    String trimmed = rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath;
    List<String> path =
        // A plus sign is a space in a query only.
        Arrays.stream(trimmed.split("/", 16))
            .map(segment -> QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")))
            .toList();
    if (path.size() < 2 || !path.get(0).isEmpty()) {
      return null;
    }
    // By segments: a slash that is written as %2F belongs to a name.
    Endpoint fixed = FIXED.get(path);
    if (fixed != null) {
      return new Route(fixed, null, null, query);
    }
    if (path.size() == 6 && path.subList(1, 4).equals(List.of("v2", "repository", "models"))) {
      return switch (path.get(5)) {
        case "load" -> new Route(Endpoint.LOAD, path.get(4), null, query);
        case "unload" -> new Route(Endpoint.UNLOAD, path.get(4), null, query);
        default -> null;
      };
    }
    if (path.size() < 4 || !path.subList(1, 3).equals(List.of("v2", "models"))) {
      return null;
    }
    List<String> rest = path.subList(4, path.size());
    String version = null;
    if (rest.size() >= 2 && rest.get(0).equals("versions")) {
      version = rest.get(1);
      rest = rest.subList(2, rest.size());
    }
    Endpoint endpoint =
        switch (String.join("/", rest)) {
          case "" -> rest.isEmpty() ? Endpoint.MODEL : null;
          case "ready" -> Endpoint.MODEL_READY;
          case "config" -> Endpoint.CONFIG;
          case "stats" -> Endpoint.STATS;
          case "infer" -> Endpoint.INFER;
          case "generate" -> Endpoint.GENERATE;
          case "samples" -> Endpoint.SAMPLES;
          default -> null;
        };
    return endpoint == null ? null : new Route(endpoint, path.get(3), version, query);
  }

  private static String abbreviate(String target) {
    return target.length() <= 200 ? target : target.substring(0, 200) + "…";
  }
}
