package dev.djinn.run;

import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a run depends on beside its settings.
 *
 * @param data name of the data, as given
 * @param dataOptions how it was found and what was made of it, by option name
 * @param dataChecksum SHA-256 of the data's content
 * @param dataCount number of pictures
 * @param labels names of the classes; empty if the data has none
 * @param threads native threads
 * @param device what it computes on, {@code cpu} or {@code gpu}; empty in older runs
 * @param versions of Djinn, DJL, libtorch and Java
 * @param metrics what is measured at every checkpoint; empty if nothing is
 */
public record RunFacts(
    String data,
    Map<String, String> dataOptions,
    String dataChecksum,
    int dataCount,
    List<String> labels,
    int threads,
    Optional<String> device,
    Map<String, String> versions,
    Optional<Metrics> metrics) {
  /** Copies the collections. */
  public RunFacts {
    labels = List.copyOf(labels);
    versions = new LinkedHashMap<>(versions);
    dataOptions = new LinkedHashMap<>(dataOptions);
  }

  /**
   * How many pictures of how many classes there were, and are now.
   *
   * @param count of other data
   * @param classes of other data
   * @return a clause, such as "3,000 of 10 classes, now 300 of 2"
   */
  public String comparedTo(int count, List<String> classes) {
    if (dataCount == count && labels.equals(classes)) {
      return String.format(Locale.ROOT, "still %,d of %s", count, classes(labels.size()));
    }
    boolean renamed = classes.size() == labels.size() && !labels.equals(classes);
    return String.format(
        Locale.ROOT,
        "%,d of %s, now %,d of %d%s",
        dataCount,
        classes(labels.size()),
        count,
        classes.size(),
        renamed ? " with other names" : "");
  }

  private static String classes(int count) {
    return count + (count == 1 ? " class" : " classes");
  }

  /**
   * A wish for {@code metrics.csv}.
   *
   * @param classifier a name or file that {@code Classifiers.open} takes
   * @param targetFcd end the run once the Fréchet distance is at most this
   */
  public record Metrics(String classifier, OptionalDouble targetFcd) {}

  /**
   * Reads the facts of a run from its description.
   *
   * @param run the section {@code run} of a {@code run.yaml}
   * @return the facts
   * @throws dev.djinn.network.NetworkException naming file, line and what is wrong
   */
  static RunFacts read(YamlCursor run) {
    return new RunFacts(
        run.get("data").text(),
        texts(run.get("data-options")),
        run.get("data-checksum").text(),
        (int) run.get("data-count").integer(1, Integer.MAX_VALUE),
        run.get("labels").list().stream().map(YamlCursor::text).toList(),
        (int) run.get("threads").integer(1, 4096),
        run.find("device").map(RunFacts::device),
        texts(run.get("versions")),
        run.find("metrics").map(RunFacts::metrics));
  }

  private static String device(YamlCursor at) {
    if (!at.text().matches("cpu|gpu")) {
      throw at.failure("expected cpu or gpu, got '" + at.text() + "'");
    }
    return at.text();
  }

  private static Metrics metrics(YamlCursor at) {
    return new Metrics(
        at.get("classifier").text(),
        at.find("target-fcd")
            .map(fcd -> OptionalDouble.of(fcd.real(0, 1e9)))
            .orElse(OptionalDouble.empty()));
  }

  private static Map<String, String> texts(YamlCursor mapping) {
    Map<String, String> texts = new LinkedHashMap<>();
    mapping.keys().forEach(key -> texts.put(key, mapping.get(key).text()));
    return texts;
  }

  /** These as {@code run.yaml} has them. */
  Map<String, Object> write() {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("contract", 1);
    run.put("data", data);
    run.put("data-options", dataOptions);
    run.put("data-checksum", dataChecksum);
    run.put("data-count", dataCount);
    run.put("labels", labels);
    run.put("threads", threads);
    device.ifPresent(on -> run.put("device", on));
    run.put("versions", versions);
    metrics.ifPresent(
        wish -> {
          Map<String, Object> measured = new LinkedHashMap<>();
          measured.put("classifier", wish.classifier());
          wish.targetFcd().ifPresent(fcd -> measured.put("target-fcd", fcd));
          run.put("metrics", measured);
        });
    return run;
  }
}
