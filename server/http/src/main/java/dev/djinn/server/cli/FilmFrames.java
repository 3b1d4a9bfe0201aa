package dev.djinn.server.cli;

import dev.djinn.sampler.Samples;
import java.io.Closeable;
import java.io.IOException;

/** A film that is written picture by picture; closing may be repeated. */
interface FilmFrames extends Closeable {
  /** Appends one sample. */
  void add(Samples part, int index) throws IOException;

  /** Writes what comes after the last picture. */
  void finish() throws IOException;
}
