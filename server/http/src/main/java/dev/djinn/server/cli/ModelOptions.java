package dev.djinn.server.cli;

import dev.djinn.sampler.Device;
import dev.djinn.sampler.ForeignModel;
import dev.djinn.sampler.ForeignModel.Wiring;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.ModelBounds;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of every command that runs a model. */
final class ModelOptions {
  private static final Pattern PRIOR =
      Pattern.compile("([0-9]{1,7}):(?:(normal)|uniform:([^:]+):([^:]+))");
  private static final Pattern SHAPE = Pattern.compile("([0-9]{1,7})x([0-9]{1,7})x([0-9]{1,7})");
  private static final Pattern RANGE = Pattern.compile("([^:]+):([^:]+)");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description =
          "auto, cpu, gpu or gpu:N; gpu fails where there is none. Default: ${DEFAULT-VALUE}.")
  private String device;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Batches that run at the same time. Default: one per processor.")
  private Integer workers;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads inside each batch. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--latent",
      paramLabel = "LATENT",
      description =
          "SIZE:normal or SIZE:uniform:LOW:HIGH, for an ONNX model that Djinn did not export.")
  private String latent;

  @Option(
      names = "--image",
      paramLabel = "SHAPE",
      description = "Its image: CHANNELSxHEIGHTxWIDTH.")
  private String image;

  @Option(
      names = "--range",
      paramLabel = "RANGE",
      defaultValue = "-1:1",
      description = "Its values BLACK:WHITE. Default: ${DEFAULT-VALUE}, as after tanh.")
  private String range;

  @Option(
      names = "--labels",
      paramLabel = "NAME",
      split = ",",
      description = "Its labels in order, separated by commas, if it takes one.")
  private List<String> labels = List.of();

  @Option(
      names = "--input",
      paramLabel = "NAME=VALUE",
      description =
          "The value of a further input, such as psi=0.7; once for each. One number fills all of it.")
  private Map<String, Double> inputs = Map.of();

  @Option(
      names = "--strict",
      description = "Refuse a model that draws another picture of a seed each time.")
  private boolean strict;

  @Option(
      names = "--load-time",
      paramLabel = "SECONDS",
      description = "How long a model may take to load. Default: ${DEFAULT-VALUE}.",
      defaultValue = "120")
  private double loadTime;

  @Option(
      names = "--run-time",
      paramLabel = "SECONDS",
      description = "How long one batch may take before it is stopped. Default: ${DEFAULT-VALUE}.",
      defaultValue = "60")
  private double runTime;

  /** Gives the library's options; what does not parse is bad usage. */
  SamplerOptions toSamplerOptions() {
    try {
      SamplerOptions options =
          SamplerOptions.DEFAULT
              .withDevice(Device.parse(device))
              .withThreads(threads)
              .withBounds(new ModelBounds(seconds(loadTime), seconds(runTime), strict));
      options = workers == null ? options : options.withWorkers(workers);
      return latent == null ? withoutForeign(options) : options.withForeign(foreign());
    } catch (SamplerException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private SamplerOptions withoutForeign(SamplerOptions options) {
    if (image != null || !labels.isEmpty() || !inputs.isEmpty()) {
      throw bad(
          "--image, --labels and --input describe a foreign model, which needs --latent as well");
    }
    return options;
  }

  private ForeignModel foreign() {
    if (image == null) {
      throw bad("--latent describes a foreign model, which needs --image as well");
    }
    Matcher prior = match(PRIOR, "--latent", latent, "SIZE:normal or SIZE:uniform:LOW:HIGH");
    Matcher shape = match(SHAPE, "--image", image, "CHANNELSxHEIGHTxWIDTH");
    Matcher ends = match(RANGE, "--range", range, "BLACK:WHITE");
    int size = Integer.parseInt(prior.group(1));
    Latent law =
        prior.group(2) != null
            ? Latent.normal(size)
            : Latent.uniform(
                size, number("--latent", prior.group(3)), number("--latent", prior.group(4)));
    Image picture =
        new Image(
            Integer.parseInt(shape.group(1)),
            Integer.parseInt(shape.group(2)),
            Integer.parseInt(shape.group(3)));
    Map<String, List<Double>> given = new LinkedHashMap<>();
    inputs.forEach((name, value) -> given.put(name, List.of(value)));
    return new ForeignModel(
        new GeneratorContract(law, labels, picture, Map.of(), Map.of(), Map.of()),
        (float) number("--range", ends.group(1)),
        (float) number("--range", ends.group(2)),
        new Wiring(Optional.empty(), Optional.empty(), Optional.empty(), given));
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private Matcher match(Pattern pattern, String option, String value, String form) {
    Matcher matcher = pattern.matcher(value);
    if (!matcher.matches()) {
      throw bad(option + " is '" + value + "', not " + form);
    }
    return matcher;
  }

  private double number(String option, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw bad(option + " has '" + text + "', which is not a number");
    }
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
