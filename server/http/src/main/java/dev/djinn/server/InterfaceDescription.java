package dev.djinn.server;

import dev.djinn.sampler.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** The HTTP interface as an OpenAPI document, the same on every server. */
final class InterfaceDescription {

  private final byte[] json;
  private final Map<String, String> headers;
  private final String tag;

  InterfaceDescription() {
    try (InputStream in = InterfaceDescription.class.getResourceAsStream("openapi.json")) {
      json = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the interface's description", e);
    }
    tag = "\"" + Sha256.hex(json).substring(0, 32) + "\"";
    headers = Map.of("Cache-Control", "no-cache", "ETag", tag);
  }

  /** {@return the document, or that the client has it already} */
  Reply reply(Call call) {
    return call.knows(tag)
        ? new Reply(304, "", headers, List.of())
        : new Reply(200, Reply.JSON, headers, List.of(json));
  }
}
