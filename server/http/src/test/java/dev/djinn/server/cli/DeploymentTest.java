package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.TestModels;
import dev.djinn.server.SamplerServer;
import dev.djinn.server.ServerOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * What scripts/deploy says of the server, against the server; scripts/try-deploy tries the rest.
 */
class DeploymentTest {
  private static final Path FOLDER = Path.of("..", "..", "scripts", "deploy");
  private static final Pattern ARGUMENTS =
      Pattern.compile("(?m)^ *(args: \\[.*|- --.*|ExecStart=.*|CMD .*)$");
  private static final Pattern PROBES = Pattern.compile("httpGet: \\{path: ([^,]+),");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Dockerfile",
        "kubernetes/djinn.yaml",
        "kserve/runtime.yaml",
        "systemd/djinn.service",
        "helm/djinn/templates/deployment.yaml"
      })
  void startTheServerWithOptionsThatItHas(String file) throws IOException {
    Set<String> given = new HashSet<>();
    Matcher lines = ARGUMENTS.matcher(Files.readString(FOLDER.resolve(file)));
    while (lines.find()) {
      Matcher options = Pattern.compile("--[a-z][a-z-]+").matcher(lines.group());
      while (options.find()) {
        given.add(options.group());
      }
    }
    assertTrue(given.size() >= 1, file + " gives no option");
    Set<String> known = new CommandLine(new ServeCommand()).getCommandSpec().optionsMap().keySet();
    given.removeAll(known);
    assertEquals(Set.of(), given, "serve has no such options");
  }

  @Test
  void probeAndScaleByWhatIsThere() throws Exception {
    Path model = TestModels.write(folder.resolve("digits/1"), TestModels.UNCONDITIONAL);
    try (SamplerServer server =
        SamplerServer.start(model, "digits", ServerOptions.defaults().withPort(0))) {
      int probes = 0;
      for (String file :
          new String[] {
            "kubernetes/djinn.yaml", "kserve/runtime.yaml", "helm/djinn/templates/deployment.yaml"
          }) {
        Matcher paths = PROBES.matcher(Files.readString(FOLDER.resolve(file)));
        while (paths.find()) {
          assertEquals(200, get(server, paths.group(1)).statusCode(), file + paths.group(1));
          probes++;
        }
      }
      assertEquals(8, probes);
      String metrics = get(server, "/metrics").body();
      for (String file :
          new String[] {"kubernetes/djinn.yaml", "kubernetes/prometheus-adapter.yaml"}) {
        assertTrue(Files.readString(FOLDER.resolve(file)).contains("djinn_waiting_rows"), file);
      }
      assertTrue(metrics.contains("djinn_waiting_rows{model=\"digits\",version=\"1\"}"), metrics);
    }
  }

  private static java.net.http.HttpResponse<String> get(SamplerServer server, String path)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + path)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }
}
