package dev.djinn.server;

import dev.djinn.sampler.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A document of Djinn's own, the same on every server, which clients may keep and ask about. */
final class StoredDocument {
  private final byte[] content;
  private final String type;
  private final Map<String, String> headers;
  private final String tag;

  StoredDocument(byte[] content, String type, Map<String, String> more) {
    this.content = content;
    this.type = type;
    tag = "\"" + Sha256.hex(content).substring(0, 32) + "\"";
    headers = new LinkedHashMap<>(more);
    headers.put("Cache-Control", "no-cache");
    headers.put("ETag", tag);
  }

  /** {@return the HTTP interface as an OpenAPI document} */
  static StoredDocument openApi() {
    return new StoredDocument(read("openapi.json"), Reply.JSON, Map.of());
  }

  /** {@return what lies under a name beside this class} */
  static byte[] read(String name) {
    try (InputStream in = StoredDocument.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  /** {@return the document, or that the client has it already} */
  Reply reply(Call call) {
    return call.knows(tag)
        ? new Reply(304, "", headers, List.of())
        : new Reply(200, type, headers, List.of(content));
  }
}
