package dev.djinn.sampler;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The opening of a model, for Java Flight Recorder. */
@Name("dev.djinn.Load")
@Label("Load")
@Category("Djinn")
@Description("Reading a model and its first run")
final class LoadEvent extends Event {
  @Label("Model")
  String model;

  @Label("Provider")
  @Description("Where it runs: cpu or cuda:N")
  String provider;
}
