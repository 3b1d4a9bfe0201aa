package com.example.grpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.server.SamplerServer;
import dev.djinn.server.ServerOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigitsClientTest {
  @Test
  void fetchesWhatTheLibraryDraws() throws Exception {
    float[] latents = new float[3 * 100];
    Random random = new Random(42);
    for (int i = 0; i < latents.length; i++) {
      latents[i] = (float) random.nextGaussian();
    }
    ServerOptions options = ServerOptions.defaults().withPort(0).withGrpcPort(0);
    try (SamplerServer server = SamplerServer.start(Path.of("dcgan-mnist"), "digits", options);
        Sampler sampler = Sampler.open(Path.of("dcgan-mnist"));
        DigitsClient client = new DigitsClient("127.0.0.1:" + server.grpcPort())) {
      assertArrayEquals(
          sampler.sample(SampleRequest.of(3).withLatents(latents)).pixels(),
          client.pixels("digits", latents, 100));
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> client.pixels("none", latents, 100));
      assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
    }
  }
}
