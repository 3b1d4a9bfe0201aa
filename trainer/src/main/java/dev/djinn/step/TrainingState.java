package dev.djinn.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.ParameterSpec;
import dev.djinn.network.Precision;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.Origin;
import dev.djinn.run.RunFolder;
import dev.djinn.run.SafeTensors.Tensor;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Settings;
import dev.djinn.torch.TorchScript;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Everything that a step changes, and how it goes to a checkpoint and back. */
public final class TrainingState {
  private static final String FINITE =
      """
      def finite(self, scope: Tensor, arrays: List[Tensor]) -> Tensor:
        flags = annotate(List[Tensor], [])
        for a in arrays:
          flags = torch.add(flags, [torch.all(torch.isfinite(a))])
        return torch.stack(flags)
      """;

  private final Settings settings;
  private final NetworkBlock generator;
  private final NetworkBlock discriminator;
  private final Optimizer generatorOptimizer;
  private final Optimizer discriminatorOptimizer;
  private final TrainingData data;
  private final AdversarialStep step;
  private final NDManager manager;
  private final TorchScript finiteness;
  private final Optional<AveragedGenerator> average;

  /** Fresh networks from the run's seed; all arrays belong to the manager. */
  public TrainingState(Settings settings, ImageSet images, NDManager manager) {
    this.settings = settings;
    this.manager = manager;
    TorchEngine.get().setRandomSeed((int) Seeds.mix(settings.seed(), Seeds.Use.WEIGHTS, 0));
    Precision precision = settings.rules().passes().precision();
    generator = NetworkBlock.create(settings.generator().network(), precision, manager);
    discriminator = NetworkBlock.create(settings.discriminator().network(), precision, manager);
    generatorOptimizer = optimizer(settings.generator(), generator);
    discriminatorOptimizer = optimizer(settings.discriminator(), discriminator);
    data = new TrainingData(images, settings, manager);
    step =
        new AdversarialStep(
            settings,
            data,
            generator,
            generatorOptimizer,
            discriminator,
            discriminatorOptimizer,
            manager);
    finiteness = TorchScript.compile(manager, FINITE);
    average =
        settings.rules().average().exists()
            ? Optional.of(new AveragedGenerator(generator, settings.rules().average(), manager))
            : Optional.empty();
  }

  /** What is frozen has a rate of 0, at which an update leaves every bit as it is. */
  private Optimizer optimizer(Settings.Player player, NetworkBlock network) {
    List<Double> scales = new ArrayList<>(network.rateScales());
    List<String> names =
        network.network().parameters().stream()
            .filter(ParameterSpec::trained)
            .map(ParameterSpec::name)
            .toList();
    for (int i = 0; i < scales.size(); i++) {
      String name = names.get(i);
      if (Integer.parseInt(name.substring(0, name.indexOf('.'))) < player.freeze()) {
        scales.set(i, 0.0);
      }
    }
    return new Optimizer(player.optimizer(), network.trained(), scales, manager);
  }

  /**
   * Takes the networks of another run, layer by layer where the shapes agree.
   *
   * @param origin the other run
   * @return in words, what was taken and what was not
   * @throws TrainingException if nothing agrees
   */
  public String start(Origin origin) {
    Checkpoint from = origin.checkpoint();
    Map<String, Tensor> draws =
        from.read(from.has(Checkpoint.GENERATOR) ? Checkpoint.GENERATOR : from.sampled());
    List<String> anew = new ArrayList<>();
    Checkpoint.loadAgreeing(draws, generator.arrays())
        .forEach(layer -> anew.add("generator " + layer));
    Checkpoint.loadAgreeing(from.read(Checkpoint.DISCRIMINATOR), discriminator.arrays())
        .forEach(layer -> anew.add("discriminator " + layer));
    average.ifPresent(
        a -> {
          // Layers that the other run does not have are as the generator's, not drawn again.
          Map<String, Tensor> own = from.read(from.sampled());
          a.restart();
          Checkpoint.loadAgreeing(own, a.network().arrays());
        });
    long layers = Stream.of(generator, discriminator).mapToLong(TrainingState::layers).sum();
    if (anew.size() == layers) {
      throw new TrainingException(
          origin.folder()
              + " has no layer of the same name and shape as these networks; start from a run of the"
              + " same preset, or from nothing");
    }
    return "starts from %s after %,d steps: %d of %d layers%s"
        .formatted(
            origin.folder(),
            from.step(),
            layers - anew.size(),
            layers,
            anew.isEmpty() ? "" : "; begun anew: " + String.join(", ", anew));
  }

  private static long layers(NetworkBlock network) {
    return network.arrays().keySet().stream()
        .map(name -> name.substring(0, name.lastIndexOf('.')))
        .distinct()
        .count();
  }

  /** One adversarial step. */
  public AdversarialStep.Result step(long number) {
    AdversarialStep.Result result = step.run(number);
    if (average.isPresent()) {
      try (NDManager scope = manager.newSubManager()) {
        average.get().update(scope, step.now(number));
      }
    }
    return result;
  }

  /** The losses after a step, as {@link AdversarialStep#inferenceLosses} takes them. */
  public AdversarialStep.Result inferenceLosses(long done) {
    return step.inferenceLosses(done);
  }

  /** Batches of real pictures taken so far, since the run began. */
  public long batches() {
    return step.batches();
  }

  /**
   * The pictures that are trained on.
   *
   * @return a copy without labels, as large as they are
   */
  public ImageSet pictures() {
    return data.pictures("training");
  }

  /** How probably a picture was changed in the last step, of a change with a share of 1. */
  public double augmentation() {
    return step.augmenting().probability();
  }

  public int stepsPerEpoch() {
    return data.batchesPerEpoch();
  }

  /** The generator that samples and exports come from: the averaged one if there is one. */
  public NetworkBlock generator() {
    return average.map(AveragedGenerator::network).orElse(generator);
  }

  /** The arrays that steps update, by network and name. */
  Map<String, NDArray> networks() {
    Map<String, NDArray> all = new LinkedHashMap<>();
    generator.arrays().forEach((name, array) -> all.put("generator." + name, array));
    discriminator.arrays().forEach((name, array) -> all.put("discriminator." + name, array));
    return all;
  }

  /** Says which array has an element that is not a finite number, if any has. */
  public Optional<String> firstNotFinite() {
    Map<String, NDArray> all = networks();
    average.ifPresent(
        a -> a.network().arrays().forEach((name, array) -> all.put("average." + name, array)));
    optimizers().forEach((name, array) -> all.put("optimizers." + name, array));
    try (NDManager scope = manager.newSubManager()) {
      boolean[] finite =
          finiteness
              .call("finite", scope.create(0f), new NDList(all.values()))
              .singletonOrThrow()
              .toBooleanArray();
      int i = 0;
      for (Map.Entry<String, NDArray> array : all.entrySet()) {
        if (!finite[i++]) {
          return Optional.of(array.getKey() + " has " + firstNotFinite(array.getValue()));
        }
      }
      return Optional.empty();
    }
  }

  private static String firstNotFinite(NDArray array) {
    float[] values = array.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return values[i] + " at element " + i;
      }
    }
    throw new IllegalStateException("all elements are finite after all");
  }

  public Checkpoint save(RunFolder folder, long done, double seconds) throws IOException {
    Map<String, Map<String, NDArray>> parts = new LinkedHashMap<>();
    parts.put(Checkpoint.GENERATOR, generator.arrays());
    parts.put(Checkpoint.DISCRIMINATOR, discriminator.arrays());
    average.ifPresent(a -> parts.put(Checkpoint.AVERAGE, a.network().arrays()));
    parts.put(Checkpoint.OPTIMIZERS, optimizers());
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("batches", step.batches());
    counters.put("generator-updates", generatorOptimizer.updates());
    counters.put("discriminator-updates", discriminatorOptimizer.updates());
    counters.putAll(step.augmenting().counters());
    counters.put(Checkpoint.MILLISECONDS, Math.round(seconds * 1e3));
    return Checkpoint.write(folder.checkpointFolder(done), done, counters, parts);
  }

  public void load(Checkpoint checkpoint) {
    Checkpoint.load(
        checkpoint.read(Checkpoint.GENERATOR, settings.generator().network()), generator.arrays());
    Checkpoint.load(
        checkpoint.read(Checkpoint.DISCRIMINATOR, settings.discriminator().network()),
        discriminator.arrays());
    // A run that averages from here on starts from the generator as it is.
    average.ifPresent(
        a ->
            Checkpoint.load(
                checkpoint.read(checkpoint.sampled(), settings.generator().network()),
                a.network().arrays()));
    Map<String, Tensor> optimizers = checkpoint.read(Checkpoint.OPTIMIZERS);
    if (!optimizers.keySet().equals(optimizers().keySet())) {
      throw new TrainingException(
          "checkpoint "
              + checkpoint.folder()
              + " is of another optimizer: keep generator.optimizer and discriminator.optimizer as"
              + " they were, or start a new run");
    }
    Checkpoint.load(optimizers, optimizers());
    step.resume(counter(checkpoint, "batches"));
    step.augmenting().resume(checkpoint.counters());
    generatorOptimizer.resume(counter(checkpoint, "generator-updates"));
    discriminatorOptimizer.resume(counter(checkpoint, "discriminator-updates"));
  }

  private static long counter(Checkpoint checkpoint, String name) {
    Long value = checkpoint.counters().get(name);
    if (value == null) {
      throw new TrainingException(
          "checkpoint " + checkpoint.folder() + " lacks the counter " + name);
    }
    return value;
  }

  private Map<String, NDArray> optimizers() {
    Map<String, NDArray> state = new LinkedHashMap<>(generatorOptimizer.state("generator"));
    state.putAll(discriminatorOptimizer.state("discriminator"));
    return state;
  }
}
