package dev.djinn.trainer.cli;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataException;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifier;
import dev.djinn.evaluation.ClassifierTraining;
import dev.djinn.progress.ProgressLine;
import dev.djinn.run.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "classifier",
    customSynopsis = "djinn classifier NAME|PATH -o FILE.safetensors [OPTION]...",
    description = "Train the classifier that djinn evaluate compares pictures with.",
    footer = {
      "Examples:",
      "  djinn classifier photos --image-size 64 -o photos.safetensors",
      "  djinn classifier mnist --test mnist-test --epochs 12 -o mnist.safetensors"
    })
final class ClassifierCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME|PATH", description = "Labelled data, as --data takes it.")
  private String name;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "FILE.safetensors",
      description = "The file to write.")
  private Path file;

  @Option(
      names = "--test",
      paramLabel = "NAME|PATH",
      description = "Labelled data to test with. Default: a tenth of the data, held out.")
  private String test;

  @Option(
      names = "--epochs",
      converter = TrainCommand.Count.class,
      paramLabel = "N",
      description = "Passes over the data. Default: ${DEFAULT-VALUE}.")
  private int epochs = 8;

  @Option(names = "--flips", description = "Mirror half of the pictures; not for digits.")
  private boolean flips;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--threads",
      converter = TrainCommand.Count.class,
      paramLabel = "N",
      description = "Native threads. Default: one a core.")
  private Integer threads;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, gpu or gpu:N. Default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Mixin private DataChoices choices = new DataChoices();

  @Override
  public Integer call() {
    ProgressLine line = ProgressLine.on(System.err);
    DataOptions options = choices.options().withLog(line);
    ImageSet set = DataSets.open(name, options);
    ClassifierTraining.check(set);
    // Before training, which a mistake here would waste.
    ImageSet unseen;
    if (test == null) {
      ClassifierTraining.Split split = ClassifierTraining.Split.of(set, seed);
      ClassifierTraining.check(split.train());
      set = split.train();
      unseen = split.held();
    } else {
      unseen = DataSets.open(test, options);
      ClassifierTraining.checkTest(set, unseen);
    }
    if (threads != null) {
      TorchEngine.useThreads(threads);
    }
    TorchEngine.Choice choice = TorchEngine.device(device);
    System.err.println(choice.reason());
    try (NDManager manager = NDManager.newBaseManager(choice.device(), "PyTorch");
        Classifier classifier = ClassifierTraining.train(set, epochs, flips, seed, manager, line)) {
      Classifier.Accuracy accuracy = ClassifierTraining.accuracies(classifier, unseen, manager);
      classifier.write(file, Optional.of(accuracy));
      System.err.println("wrote " + file);
      System.out.printf(
          Locale.ROOT,
          "accuracy %.4f on the %d of %s%n",
          accuracy.all(),
          unseen.count(),
          test == null ? "a tenth that was held out" : test);
      for (int i = 0; i < accuracy.byClass().size(); i++) {
        double right = accuracy.byClass().get(i);
        System.out.printf(
            Locale.ROOT,
            "  %s %s%n",
            set.classes().get(i),
            Double.isNaN(right) ? "none held out" : String.format(Locale.ROOT, "%.4f", right));
      }
    } catch (IOException e) {
      throw DataException.writing(file, e);
    }
    return 0;
  }
}
