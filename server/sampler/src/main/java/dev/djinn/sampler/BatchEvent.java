package dev.djinn.sampler;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One run of a model, for Java Flight Recorder. */
@Name("dev.djinn.Batch")
@Label("Batch")
@Category("Djinn")
@Description("One run of a model, copying included")
@StackTrace(false)
final class BatchEvent extends Event {
  @Label("Model")
  String model;

  @Label("Rows")
  int rows;

  @Label("Requests")
  @Description("Requests that the rows come from")
  int requests;
}
