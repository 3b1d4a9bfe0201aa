package dev.djinn.trainer;

import dev.djinn.files.AtomicFile;
import dev.djinn.report.CurvePoint;
import dev.djinn.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run warns of, each kind once: on the progress lines, in {@code warnings.txt} and in the
 * report. All judgements are made from what the run folder keeps or the seed decides, so a resumed
 * run warns as an uninterrupted one does.
 */
final class RunWarnings {
  /** Rows of the log, and steps, over which the discriminator's accuracy is averaged. */
  static final int ROWS = 20;

  static final int STEPS = 200;

  private static final double WON = 0.99;
  private static final double LOST = 0.51;

  /** Share of the data's own diversity under which samples count as alike. */
  static final double ALIKE = 0.25;

  /** Steps in which a generator has yet to learn what differs. */
  static final int YOUNG = 500;

  /** Steps in which a generator has yet to find every class. */
  static final int GROWN = 1000;

  private static final Pattern LINE = Pattern.compile("step ([0-9]{1,18}) \\[([a-z-]+)] .*");

  /** What a warning is about. */
  enum Kind {
    /** The discriminator is right almost always. */
    DISCRIMINATOR_WON("discriminator-won"),
    /** The discriminator is no better than chance. */
    DISCRIMINATOR_LOST("discriminator-lost"),
    /** The generator draws nearly the same for every latent. */
    SAMPLES_ALIKE("samples-alike"),
    /** The generator leaves classes out. */
    CLASSES_MISSING("classes-missing"),
    /** The run went on under other settings. */
    SETTINGS_CHANGED("settings-changed");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  private final Path file;
  private final Settings settings;
  private final TrainingProgress progress;
  private final List<String> lines;

  private RunWarnings(Path file, Settings settings, TrainingProgress progress, List<String> lines) {
    this.file = file;
    this.settings = settings;
    this.progress = progress;
    this.lines = lines;
  }

  /**
   * Opens the warnings of a run and drops those from beyond a checkpoint, which the resumed run
   * will give again.
   *
   * @param file {@code warnings.txt}, which exists only if there are any
   * @param step finished steps
   * @param settings of the run, for advice in numbers
   * @param progress where warnings are said
   * @return the warnings so far
   * @throws IOException if the file cannot be read or written
   */
  static RunWarnings open(Path file, long step, Settings settings, TrainingProgress progress)
      throws IOException {
    List<String> kept = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        Matcher parts = LINE.matcher(line);
        if (parts.matches() && Long.parseLong(parts.group(1)) <= step) {
          kept.add(line);
        }
      }
    }
    RunWarnings warnings = new RunWarnings(file, settings, progress, kept);
    warnings.save();
    return warnings;
  }

  /** Judges the discriminator by the last rows of the log. */
  void judgeAccuracy(List<CurvePoint> log) throws IOException {
    double sum = 0;
    long newest = log.get(log.size() - 1).step();
    for (int rows = 1; rows <= log.size(); rows++) {
      CurvePoint point = log.get(log.size() - rows);
      sum += point.discriminatorAccuracy();
      if (rows >= ROWS && newest - point.step() >= STEPS) {
        judgeAccuracy(newest, point.step(), sum / rows);
        return;
      }
    }
  }

  private void judgeAccuracy(long step, long since, double mean) throws IOException {
    if (mean >= WON) {
      warn(
          Kind.DISCRIMINATOR_WON,
          step,
          String.format(
              Locale.ROOT,
              "the discriminator has been right in %.1f %% of cases since step %d, so the generator"
                  + " learns little from it; if the samples do not improve, try --set"
                  + " discriminator.rate=%s or dropout in the discriminator",
              100 * mean,
              since,
              settings.discriminator().optimizer().rate().start() / 4));
    } else if (mean <= LOST) {
      warn(
          Kind.DISCRIMINATOR_LOST,
          step,
          String.format(
              Locale.ROOT,
              "the discriminator has been right in only %.1f %% of cases since step %d, no better"
                  + " than chance; if the samples are poor, try --set discriminator.rate=%s or a"
                  + " wider discriminator",
              100 * mean,
              since,
              settings.discriminator().optimizer().rate().start() * 4));
    }
  }

  /**
   * Judges the generator by how its pictures differ.
   *
   * @param step finished steps
   * @param share their mean distance as a share of the data's own; not a number if that is none
   */
  void judgeDiversity(long step, double share) throws IOException {
    if (step >= YOUNG && share < ALIKE) {
      warn(
          Kind.SAMPLES_ALIKE,
          step,
          String.format(
              Locale.ROOT,
              "the generator draws nearly the same for every latent: its pictures differ by %.0f %%"
                  + " of what real ones do (mode collapse); try another --seed, --set"
                  + " generator.rate=%s, a larger --batch, or the preset modern",
              100 * share,
              settings.generator().optimizer().rate().start() / 4));
    }
  }

  /**
   * Judges the generator by the classes of its pictures.
   *
   * @param step finished steps
   * @param missing the names of the classes that it leaves out
   */
  void judgeBalance(long step, List<String> missing) throws IOException {
    if (!missing.isEmpty()) {
      warn(
          Kind.CLASSES_MISSING,
          step,
          "the generator hardly draws "
              + (missing.size() == 1 ? "the class " : missing.size() + " classes: ")
              + String.join(", ", missing)
              + " (mode collapse); if that stays so, try a larger --batch, --set generator.rate="
              + settings.generator().optimizer().rate().start() / 4
              + ", a preset with labels, or the preset modern");
    }
  }

  /** Warns, unless that kind of warning has been given. */
  void warn(Kind kind, long step, String text) throws IOException {
    String mark = " [" + kind.word + "] ";
    if (kind != Kind.SETTINGS_CHANGED && lines.stream().anyMatch(line -> line.contains(mark))) {
      return;
    }
    progress.say("warning: " + text);
    lines.add("step " + step + mark + text);
    save();
  }

  private void save() throws IOException {
    if (lines.isEmpty()) {
      Files.deleteIfExists(file);
    } else {
      AtomicFile.write(file, String.join("\n", lines) + "\n");
    }
  }

  /** The warnings so far, a line each. */
  List<String> lines() {
    return List.copyOf(lines);
  }
}
