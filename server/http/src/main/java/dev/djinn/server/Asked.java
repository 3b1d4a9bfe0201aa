package dev.djinn.server;

import dev.djinn.sampler.Sampler;
import java.util.concurrent.CompletableFuture;

/**
 * What has been read of a request for images.
 *
 * @param known the answer, where none need be made; else null
 * @param cost floats to draw before the sampler is asked
 * @param asking asks the sampler
 * @param size bytes of the answer, at most
 * @param text bytes of those that are text or compressed, at most
 * @param writing makes the answer of what the sampler has made
 */
record Asked<T>(
    Reply known, long cost, Asking<T> asking, long size, long text, Writing<T> writing) {

  /** Asks a sampler. */
  interface Asking<T> {
    CompletableFuture<T> of(Sampler sampler) throws RequestException;
  }

  /** Makes an answer of what a sampler has made. */
  interface Writing<T> {
    Reply of(T made) throws Exception;
  }
}
