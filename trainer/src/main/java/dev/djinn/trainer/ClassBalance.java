package dev.djinn.trainer;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.ClassHistogram;
import dev.djinn.evaluation.Classifier;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.network.NetworkBlock;
import dev.djinn.run.RunFolder;
import dev.djinn.settings.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Which classes a generator leaves out, as the classifier of its data sees them. */
final class ClassBalance {
  /** Pictures looked at: of ten even classes each has 50, give or take 7. */
  static final int PICTURES = 500;

  /** Share of an even share under which a class counts as left out. */
  static final double RARE = 0.1;

  private final Settings settings;
  private final List<String> classes;
  private final Classifier classifier;
  private final NDManager manager;

  ClassBalance(Settings settings, List<String> classes, Classifier classifier, NDManager manager) {
    this.settings = settings;
    this.classes = classes;
    this.classifier = classifier;
    this.manager = manager;
  }

  /**
   * The watch over a run, where there are labels that the generator is not told and a classifier
   * that Djinn carries.
   *
   * @param run the run
   * @param images its data
   * @param manager owns the classifier
   * @return empty if there is nothing to watch
   */
  static Optional<ClassBalance> of(RunFolder run, ImageSet images, NDManager manager) {
    Optional<String> name = Classifiers.of(run.facts().data());
    if (run.settings().conditional() || name.isEmpty()) {
      return Optional.empty();
    }
    Classifier classifier = Classifiers.open(name.get(), manager);
    if (classifier.classes() == images.classes().size()
        && classifier.side() == images.height()
        && classifier.channels() == images.channels()) {
      return Optional.of(new ClassBalance(run.settings(), images.classes(), classifier, manager));
    }
    classifier.close();
    return Optional.empty();
  }

  /**
   * Draws and looks.
   *
   * @param generator run in inference mode
   * @return the names of the classes that are left out
   */
  List<String> missing(NetworkBlock generator) {
    ImageSet pictures =
        new TrainedGenerator(settings, classes, generator, manager).draw(PICTURES, settings.seed());
    try (NDManager scope = manager.newSubManager()) {
      return missing(classifier.judge(pictures, scope).labels(), classes);
    }
  }

  /** The classes that hardly any picture is in. */
  static List<String> missing(List<Integer> seen, List<String> classes) {
    List<Double> even = Collections.nCopies(classes.size(), 1.0 / classes.size());
    List<Integer> counts = ClassHistogram.of(seen, even).counts();
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < counts.size(); i++) {
      if (counts.get(i) < RARE * seen.size() / classes.size()) {
        missing.add(classes.get(i));
      }
    }
    return missing;
  }
}
