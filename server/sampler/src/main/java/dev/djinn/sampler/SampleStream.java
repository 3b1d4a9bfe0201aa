package dev.djinn.sampler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads a request part by part, with a few parts asked for in advance. */
final class SampleStream implements Iterator<Samples> {
  private final Function<SampleRequest, CompletableFuture<Samples>> source;
  private final int latentSize;
  private final SampleRequest request;
  private final int rows;
  private final int ahead;
  private final Deque<CompletableFuture<Samples>> parts = new ArrayDeque<>();
  private int asked;

  /**
   * Makes a stream of a request that has been checked.
   *
   * @param rows of a part
   * @param ahead parts to ask for in advance
   * @param latentSize numbers of one sample
   * @param source draws a part
   */
  SampleStream(
      SampleRequest request,
      int rows,
      int ahead,
      int latentSize,
      Function<SampleRequest, CompletableFuture<Samples>> source) {
    this.request = request;
    this.rows = rows;
    this.ahead = ahead;
    this.latentSize = latentSize;
    this.source = source;
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
      parts.add(source.apply(request.part(asked, size, latentSize)));
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
