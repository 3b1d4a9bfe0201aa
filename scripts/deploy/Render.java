import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Lints the chart and renders it, with Helm's own code. Usage: Render.java CHART FOLDER */
final class Render {
  /** What each part of the chart hangs on, alone and together. */
  private static final Map<String, Map<String, Object>> KINDS =
      Map.of(
          "plain", Map.of(),
          "scaled", Map.of("autoscaling.enabled", true),
          "safe", Map.of("tokenSecret", "token", "tlsSecret", "tls"),
          "small", Map.of("grpc", false, "accessLog", false, "image.tag", "1", "extraArgs[0]", "--workers=2"));

  public static void main(String[] arguments) throws IOException {
    Helm chart = new Helm(Path.of(arguments[0]));
    LintResult lint = chart.lint().strict().call();
    List<String> problems =
        lint.getMessages().stream().filter(message -> !message.contains("icon is recommended")).toList();
    if (lint.isFailed() || problems.stream().anyMatch(message -> !message.startsWith("[INFO]"))) {
      System.err.println("helm lint: " + lint.getMessages());
      System.exit(1);
    }
    for (Map.Entry<String, Map<String, Object>> kind : KINDS.entrySet()) {
      var template = chart.template().withName("digits");
      kind.getValue().forEach(template::set);
      Files.writeString(
          Path.of(arguments[1], kind.getKey() + ".rendered.yaml"), template.call());
    }
  }
}
