package dev.djinn.sampler;

import jdk.jfr.FlightRecorder;

/**
 * Events for Java Flight Recorder, where the JVM has one: a small image of the JDK need not. Making
 * the first event starts the recorder, which takes long; nobody records before that.
 */
final class FlightRecording {
  private static final boolean POSSIBLE = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecording() {}

  /** Begins a batch; gives null where nobody records. */
  static Object batch() {
    return POSSIBLE ? Recorder.batch() : null;
  }

  /** Ends what {@link #batch} gave. */
  static void end(Object batch, String model, int rows, int requests) {
    if (batch != null) {
      Recorder.end(batch, model, rows, requests);
    }
  }

  /** Begins a load; gives null where nobody records. */
  static Object load() {
    return POSSIBLE ? Recorder.load() : null;
  }

  /** Ends what {@link #load} gave. */
  static void end(Object load, String model, String provider) {
    if (load != null) {
      Recorder.end(load, model, provider);
    }
  }

  /** Is not loaded without jdk.jfr. */
  private static final class Recorder {
    static Object batch() {
      if (!FlightRecorder.isInitialized()) {
        return null;
      }
      BatchEvent event = new BatchEvent();
      event.begin();
      return event;
    }

    static void end(Object batch, String model, int rows, int requests) {
      BatchEvent event = (BatchEvent) batch;
      event.end();
      if (event.shouldCommit()) {
        event.model = model;
        event.rows = rows;
        event.requests = requests;
        event.commit();
      }
    }

    static Object load() {
      if (!FlightRecorder.isInitialized()) {
        return null;
      }
      LoadEvent event = new LoadEvent();
      event.begin();
      return event;
    }

    static void end(Object load, String model, String provider) {
      LoadEvent event = (LoadEvent) load;
      event.model = model;
      event.provider = provider;
      event.commit();
    }
  }
}
