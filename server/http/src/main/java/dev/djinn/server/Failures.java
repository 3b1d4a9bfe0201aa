package dev.djinn.server;

import dev.djinn.sampler.SamplerException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What fails becomes an answer for the client and, where it is not the client's, a line of log. */
final class Failures {

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private final Json json;

  Failures(Json json) {
    this.json = json;
  }

  /** Makes the answer to what has failed; one that needs next to nothing if that fails too. */
  Reply answer(Call call, Throwable failure) {
    try {
      return json.refusal(problem(call, failure));
    } catch (Throwable e) {
      return Reply.FAILED;
    }
  }

  /** Makes the answer to what nobody has foreseen. */
  Reply unforeseen(String what, Throwable failure) {
    LOG.error("{} failed", AccessLog.printable(what), failure);
    return Reply.FAILED;
  }

  /** Makes the answer to a call that is given up before it has one. */
  Reply givenUp(Call call, String why) {
    LOG.warn("{} is given up: {}", name(call), why);
    return json.refusal(RequestException.busy(why + "; try again later"));
  }

  private static RequestException problem(Call call, Throwable failure) {
    return problem(call.method() + " " + call.target(), failure);
  }

  /**
   * Says what a failure is to a client, and logs what is the server's own.
   *
   * @param what has failed
   */
  static RequestException problem(String what, Throwable failure) {
    Throwable e = failure instanceof CompletionException ? failure.getCause() : failure;
    if (e instanceof RequestException problem) {
      return problem;
    }
    if (e instanceof CancellationException) {
      return RequestException.busy("the request was given up");
    }
    if (e instanceof SamplerException problem) {
      return problem(what, problem);
    }
    LOG.error("{} failed", AccessLog.printable(what), e);
    return new RequestException(500, "the server failed on this request; its log says why");
  }

  private static RequestException problem(String what, SamplerException e) {
    return switch (e.reason()) {
      case INVALID_REQUEST -> RequestException.bad(e.getMessage());
      case NOT_FOUND -> new RequestException(404, e.getMessage());
      case OVERLOADED, TIMED_OUT, CLOSED -> RequestException.busy(e.getMessage());
      case INVALID_MODEL, UNAVAILABLE_DEVICE, FAILED -> {
        // One line: a model that does so does it at each request, and all is in its message.
        LOG.error("{} failed: {}", AccessLog.printable(what), e.getMessage());
        yield new RequestException(500, e.getMessage());
      }
    };
  }

  private static String name(Call call) {
    return AccessLog.printable(call.method()) + " " + AccessLog.printable(call.target());
  }
}
