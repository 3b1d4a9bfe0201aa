package dev.djinn.sampler;

import java.util.HashMap;
import java.util.Map;

/**
 * Whose rows come next, so that each client gets as many as any other: self-clocked fair queueing
 * (Golestani, 1994). The clock is the place in the order of service that has been reached, in rows;
 * a client's next request begins there, or where its last one ends if that still waits. Who asks
 * for one row is served before the next part of a request for thousands; who asks for one after
 * another is not served before others for it. The batcher's lock guards it.
 */
final class Turns {
  /** What a client has waiting. */
  private static final class Client {
    private long end;
    private int jobs;
  }

  private final Map<Object, Client> clients = new HashMap<>();
  private long clock;

  /** Gives a job its place. */
  void enter(Job job) {
    Client client = clients.computeIfAbsent(key(job), who -> new Client());
    long start = Math.max(clock, client.end);
    job.startAt(start);
    client.end = start + job.rows.count();
    client.jobs++;
  }

  /** Rows of a job have been handed out. */
  void serve(Job job) {
    clock = Math.max(clock, job.served());
  }

  /** A job waits no more; a client of whom nothing waits begins anew. */
  void leave(Job job) {
    Client client = clients.get(key(job));
    client.jobs--;
    if (client.jobs == 0) {
      clients.remove(key(job));
    }
  }

  private static Object key(Job job) {
    return job.client == null ? Turns.class : job.client;
  }
}
