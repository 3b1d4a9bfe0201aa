package dev.djinn.server;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer before it is framed.
 *
 * @param status the HTTP status
 * @param type the media type of the body; empty for no body
 * @param headers further headers, by name
 * @param body in parts, so that blobs need no copy to stand behind their JSON
 */
record Reply(int status, String type, Map<String, String> headers, List<byte[]> body) {

  static final String JSON = "application/json";
  static final String BINARY = "application/octet-stream";

  /** Made beforehand, for when there is no room to make one. */
  static final Reply FAILED =
      new Reply(
          500,
          JSON,
          Map.of(),
          List.of(
              "{\"error\":\"the server failed on this request; its log says why\"}"
                  .getBytes(StandardCharsets.US_ASCII)));

  Reply {
    headers = Map.copyOf(headers);
    body = List.copyOf(body);
  }

  static Reply json(byte[] text) {
    return new Reply(200, JSON, Map.of(), List.of(text));
  }

  Reply with(String header, String value) {
    return withAll(Map.of(header, value));
  }

  Reply withAll(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(headers);
    all.putAll(more);
    return new Reply(status, type, all, body);
  }

  Reply withBody(List<byte[]> other) {
    return new Reply(status, type, headers, other);
  }

  long length() {
    long length = 0;
    for (byte[] part : body) {
      length += part.length;
    }
    return length;
  }
}
