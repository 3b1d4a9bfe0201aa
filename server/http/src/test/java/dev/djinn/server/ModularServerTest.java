package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.ModularApplication;
import dev.djinn.sampler.TestModels;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModularServerTest {
  private static final String MAIN =
      """
      package application;

      import dev.djinn.server.SamplerServer;
      import dev.djinn.server.ServerOptions;
      import java.net.URI;
      import java.net.http.HttpClient;
      import java.net.http.HttpRequest;
      import java.net.http.HttpResponse.BodyHandlers;
      import java.nio.file.Path;

      public final class Main {
        public static void main(String[] arguments) throws Exception {
          try (SamplerServer server =
              SamplerServer.start(Path.of(arguments[0]), ServerOptions.defaults().withPort(0).withGrpcPort(0))) {
            System.out.println("gRPC " + (server.grpcPort() > 0));
            System.out.println("module " + SamplerServer.class.getModule().getName());
            for (String path : new String[] {"/", "/v2/models/m/samples?count=4", "/metrics"}) {
              URI address = URI.create(server.address() + path);
              HttpRequest request = HttpRequest.newBuilder(address).build();
              int status =
                  HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray()).statusCode();
              System.out.println(path + " " + status);
            }
          }
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void servesOnTheModulePath() throws Exception {
    Path models = folder.resolve("models");
    TestModels.write(models.resolve("m/1"), TestModels.UNCONDITIONAL);
    ModularApplication application =
        new ModularApplication(
            folder, libraries(), "requires dev.djinn.server; requires java.net.http;", MAIN);
    String said = application.runOnTheModulePath(models.toString());
    assertTrue(said.contains("module dev.djinn.server"), said);
    assertTrue(said.contains("gRPC true"), said);
    for (String answer : List.of("/ 200", "/v2/models/m/samples?count=4 200", "/metrics 200")) {
      assertTrue(said.contains(answer), said);
    }
  }

  /** Gives what the module needs out of the class path of the tests. */
  private static List<Path> libraries() {
    List<Path> libraries = new ArrayList<>();
    for (String place : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = Path.of(place).getFileName().toString();
      boolean own = name.equals("classes") || name.matches("(sampler|oip-grpc)-.*\\.jar");
      String others =
          "netty|jackson-core|prometheus|picocli|slf4j-api|onnxruntime"
              + "|grpc|protobuf-java|proto-google|guava|failureaccess|perfmark|gson";
      if (own || name.matches("(" + others + ").*")) {
        libraries.add(Path.of(place));
      }
    }
    return libraries;
  }
}
