package dev.djinn.server.cli;

import java.util.Arrays;

/**
 * What a number of callers saw in some time.
 *
 * @param callers that called at the same time, each again as soon as it had its answer
 * @param rows images a call
 * @param seconds how long
 * @param nanos each call's time, sorted
 * @param server what the server says of itself for the same time; null in process
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Measurement(int callers, int rows, double seconds, long[] nanos, ServerSide server) {

  /**
   * A server's own account, in microseconds.
   *
   * @param images made
   * @param batches run
   * @param requests answered
   * @param request from a request's arrival to its answer, on average
   * @param queue in the model's queue, on average
   * @param infer in the model, a batch on average
   */
  record ServerSide(
      long images, long batches, long requests, double request, double queue, double infer) {}

  Measurement {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("no call ended within the time");
    }
    nanos = nanos.clone();
    Arrays.sort(nanos);
  }

  Measurement with(ServerSide account) {
    return new Measurement(callers, rows, seconds, nanos, account);
  }

  double imagesPerSecond() {
    return rows * callsPerSecond();
  }

  double callsPerSecond() {
    return nanos.length / seconds;
  }

  /** {@return microseconds} */
  double mean() {
    return Arrays.stream(nanos).average().orElseThrow() / 1e3;
  }

  /** {@return microseconds} */
  double deviation() {
    double mean = mean();
    double squares = Arrays.stream(nanos).mapToDouble(time -> Math.pow(time / 1e3 - mean, 2)).sum();
    return Math.sqrt(squares / nanos.length);
  }

  /** {@return the microseconds that this share of the calls did not exceed, from 1 to 100} */
  double percentile(int share) {
    return nanos[(int) Math.ceil(share / 100.0 * nanos.length) - 1] / 1e3;
  }
}
