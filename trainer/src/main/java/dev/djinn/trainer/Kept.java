package dev.djinn.trainer;

import dev.djinn.settings.Interval;
import dev.djinn.settings.Recording;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What stays of a run's rows and sheets when it goes on: all up to the step it goes on from, and of
 * that step what was due, not what was written only because the run ended there.
 *
 * @param step finished steps
 * @param epoch steps in one
 * @param before how often the run wrote so far
 * @param now how often it writes from here on
 */
record Kept(long step, long epoch, Recording before, Recording now) {
  boolean row(long at) {
    return keeps(at, Stream.of(before.log().every(), now.log().every()));
  }

  boolean sheet(long at) {
    return at == 0 || keeps(at, Stream.of(before.samples().every(), now.samples().every()));
  }

  boolean manifold(long at) {
    return at == 0
        || keeps(
            at,
            Stream.of(before.samples().manifoldEvery(), now.samples().manifoldEvery())
                .flatMap(Optional::stream));
  }

  private boolean keeps(long at, Stream<Interval> rhythms) {
    return at < step || (at == step && rhythms.anyMatch(every -> every.due(at, epoch)));
  }
}
