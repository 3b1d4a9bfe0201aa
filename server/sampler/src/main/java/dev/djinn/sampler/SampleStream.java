package dev.djinn.sampler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads a request part by part, with a few parts asked for in advance. */
final class SampleStream implements Iterator<Samples> {
  private final Sampler sampler;
  private final SampleRequest request;
  private final int rows;
  private final int ahead;
  private final Deque<CompletableFuture<Samples>> parts = new ArrayDeque<>();
  private int asked;

  SampleStream(Sampler sampler, SampleRequest request) {
    Draw.check(request, sampler.contract());
    this.sampler = sampler;
    this.request = request;
    rows = sampler.batchRows();
    ahead = 2 * sampler.options().workers();
  }

  Stream<Samples> open() {
    int characteristics = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, characteristics), false)
        .onClose(this::drop);
  }

  @Override
  public boolean hasNext() {
    return !parts.isEmpty() || asked < request.count();
  }

  @Override
  public Samples next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while (parts.size() < ahead && asked < request.count()) {
      int size = Math.min(rows, request.count() - asked);
      parts.add(sampler.sampleAhead(request.part(asked, size, sampler.contract().latent().size())));
      asked += size;
    }
    try {
      return parts.remove().join();
    } catch (CompletionException e) {
      drop();
      throw e.getCause() instanceof SamplerException cause ? cause : e;
    }
  }

  private void drop() {
    asked = request.count();
    parts.forEach(part -> part.cancel(false));
    parts.clear();
  }
}
