package dev.djinn.server;

import java.time.Duration;

/**
 * Everything that bounds a server. The defaults are meant to be safe on the open internet.
 *
 * @param headerBytes largest request line and, separately, largest header section; beyond it 414 or
 *     431
 * @param bodyBytes largest request body, compressed or not; beyond it 413
 * @param replyBytes largest answer, before compression; a request for more is refused with 400
 * @param rows most images one request may ask for; beyond it 400
 * @param jsonDepth deepest nesting of JSON; beyond it 400
 * @param queue requests that may wait for a worker; beyond it 503 with {@code Retry-After}, at once
 * @param heldBytes request bodies and answers held in memory at one time over all connections;
 *     beyond it 503
 * @param requestTime longest time for a body to arrive (408), for a request to wait in the queue
 *     (503) and for an answer to be taken by the client (the connection is cut)
 * @param answerTime longest time from a request's last byte to its answer; then the answer is 503
 * @param idleTime longest time for the next request's header to be complete; then the connection is
 *     closed
 * @param connections most open connections; further ones are answered 503 and closed
 */
public record Limits(
    int headerBytes,
    int bodyBytes,
    int replyBytes,
    int rows,
    int jsonDepth,
    int queue,
    long heldBytes,
    Duration requestTime,
    Duration answerTime,
    Duration idleTime,
    int connections) {

  /** Checks that each limit is at least 1 (1 ms for times). */
  public Limits {
    positive("headerBytes", headerBytes);
    positive("bodyBytes", bodyBytes);
    positive("replyBytes", replyBytes);
    positive("rows", rows);
    positive("jsonDepth", jsonDepth);
    positive("queue", queue);
    positive("heldBytes", heldBytes);
    positive("requestTime in ms", requestTime.toMillis());
    positive("answerTime in ms", answerTime.toMillis());
    positive("idleTime in ms", idleTime.toMillis());
    positive("connections", connections);
  }

  /**
   * 16 KiB of header, 64 MiB of body, 64 MiB of answer, 4,096 rows, JSON depth 100, 256 queued
   * requests, half of the JVM's largest heap held, 30 s a request, 120 s to its answer, 60 s idle,
   * 4,096 connections.
   */
  public static Limits defaults() {
    return new Limits(
        16 << 10,
        64 << 20,
        64 << 20,
        4096,
        100,
        256,
        Runtime.getRuntime().maxMemory() / 2,
        Duration.ofSeconds(30),
        Duration.ofSeconds(120),
        Duration.ofSeconds(60),
        4096);
  }

  /** How long all workers of a model may be at the same batches before it is not called ready. */
  Duration stalledTime() {
    return requestTime.dividedBy(3);
  }

  /** These limits with another largest request body. */
  public Limits withBodyBytes(int bytes) {
    return new Limits(
        headerBytes,
        bytes,
        replyBytes,
        rows,
        jsonDepth,
        queue,
        heldBytes,
        requestTime,
        answerTime,
        idleTime,
        connections);
  }

  /** These limits with another largest answer. */
  public Limits withReplyBytes(int bytes) {
    return new Limits(
        headerBytes,
        bodyBytes,
        bytes,
        rows,
        jsonDepth,
        queue,
        heldBytes,
        requestTime,
        answerTime,
        idleTime,
        connections);
  }

  /** These limits with another number of rows a request. */
  public Limits withRows(int count) {
    return new Limits(
        headerBytes,
        bodyBytes,
        replyBytes,
        count,
        jsonDepth,
        queue,
        heldBytes,
        requestTime,
        answerTime,
        idleTime,
        connections);
  }

  /** These limits with another length of the queue. */
  public Limits withQueue(int requests) {
    return new Limits(
        headerBytes,
        bodyBytes,
        replyBytes,
        rows,
        jsonDepth,
        requests,
        heldBytes,
        requestTime,
        answerTime,
        idleTime,
        connections);
  }

  /** These limits with another bound on memory held for bodies and answers. */
  public Limits withHeldBytes(long bytes) {
    return new Limits(
        headerBytes,
        bodyBytes,
        replyBytes,
        rows,
        jsonDepth,
        queue,
        bytes,
        requestTime,
        answerTime,
        idleTime,
        connections);
  }

  /** These limits with other times. */
  public Limits withTimes(Duration request, Duration idle) {
    return new Limits(
        headerBytes,
        bodyBytes,
        replyBytes,
        rows,
        jsonDepth,
        queue,
        heldBytes,
        request,
        answerTime,
        idle,
        connections);
  }

  /** These limits with another longest time to an answer. */
  public Limits withAnswerTime(Duration answer) {
    return new Limits(
        headerBytes,
        bodyBytes,
        replyBytes,
        rows,
        jsonDepth,
        queue,
        heldBytes,
        requestTime,
        answer,
        idleTime,
        connections);
  }

  /** These limits with another number of open connections. */
  public Limits withConnections(int count) {
    return new Limits(
        headerBytes,
        bodyBytes,
        replyBytes,
        rows,
        jsonDepth,
        queue,
        heldBytes,
        requestTime,
        answerTime,
        idleTime,
        count);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("limit " + name + " is " + value + "; give at least 1");
    }
  }
}
