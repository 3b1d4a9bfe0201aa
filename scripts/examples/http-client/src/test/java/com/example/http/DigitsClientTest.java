package com.example.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.server.SamplerServer;
import dev.djinn.server.ServerOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DigitsClientTest {
  @Test
  void fetchesWhatTheLibraryDraws() throws Exception {
    float[] latents = new float[3 * 100];
    Random random = new Random(42);
    for (int i = 0; i < latents.length; i++) {
      latents[i] = (float) random.nextGaussian();
    }
    try (SamplerServer server =
            SamplerServer.start(
                Path.of("dcgan-mnist"), "digits", ServerOptions.defaults().withPort(0));
        Sampler sampler = Sampler.open(Path.of("dcgan-mnist"))) {
      DigitsClient client =
          new DigitsClient(URI.create(server.address() + "/v2/models/digits"));
      assertEquals(
          8 * 28, ImageIO.read(new ByteArrayInputStream(client.grid(64, 42))).getWidth() / 28 * 28);
      assertArrayEquals(
          sampler.sample(SampleRequest.of(3).withLatents(latents)).pixels(),
          client.pixels(latents, 100));
      IOException refused = assertThrows(IOException.class, () -> client.grid(0, 42));
      assertTrue(refused.getMessage().startsWith("400 {\"error\""), refused.getMessage());
    }
  }
}
