package dev.djinn.exporter.judge;

import com.google.gson.JsonObject;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Copies;
import dev.djinn.evaluation.NearestPictures;
import dev.djinn.evaluation.QualitySummary;
import dev.djinn.evaluation.RandomFeatures;
import dev.djinn.report.QualityPage;
import dev.djinn.report.RunReport;
import dev.djinn.report.SampleGrid;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How good generated pictures are.
 *
 * @param subject what was judged, beside what
 * @param summary every figure, with what real pictures get
 * @param copies how near they lie to the real ones
 * @param shown the generated pictures
 * @param real the real ones
 */
public record Judgement(
    Subject subject, QualitySummary summary, Copies copies, ImageSet shown, ImageSet real) {
  private static final int SHOWN = 100;

  /**
   * What was judged.
   *
   * @param source where the generated pictures come from
   * @param data name or path of the real ones
   * @param classifier name or file of what saw the features
   * @param sha256 of the classifier
   */
  public record Subject(String source, String data, String classifier, String sha256) {}

  /** {@return what was judged and every figure, as JSON values} */
  public JsonObject toJson() {
    JsonObject object = new JsonObject();
    object.addProperty("source", subject.source);
    object.addProperty("data", subject.data);
    object.addProperty("classifier", subject.classifier);
    object.addProperty("classifier_sha256", subject.sha256);
    summary.addTo(object);
    return object;
  }

  /** {@return the same to read: two lines, a table and notes, each line with its end} */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%,d pictures of %s against as many of %s%n" + "in the features of %s %.12s%n%n",
            summary.samples(),
            subject.source,
            subject.data,
            subject.classifier.equals(RandomFeatures.NAME)
                ? "a random network"
                : "classifier " + subject.classifier,
            subject.sha256));
    RunReport.Table table = summary.table();
    text.append(line(table.columns()));
    table.rows().forEach(row -> text.append(line(row)));
    summary.notes().forEach(note -> text.append(String.format("%n%s%n", note)));
    return text.toString();
  }

  private static String line(List<String> cells) {
    return String.format(
        Locale.ROOT, "%-36s %20s %20s%n", cells.get(0), cells.get(1), cells.get(2));
  }

  /**
   * A page with figures and pictures.
   *
   * @param command what to type to have it again
   * @return a page, not yet written
   */
  public QualityPage page(String command) {
    Map<String, BufferedImage> pictures = new LinkedHashMap<>();
    pictures.put("Generated", grid(shown));
    pictures.put("Real", grid(real));
    pictures.put(
        "Generated on top; below, the five real pictures nearest to it",
        NearestPictures.sheet(shown, real));
    pictures.put(
        "The ten nearest to a real picture; below, that picture", copies.sheet(real, shown));
    return new QualityPage(
        subject.source,
        String.format(
            Locale.ROOT, "%,d pictures against as many of %s", summary.samples(), subject.data),
        summary.table(),
        summary.notes(),
        summary.classes(),
        pictures,
        command);
  }

  private static BufferedImage grid(ImageSet set) {
    ImageSet first = set.pick(IntStream.range(0, Math.min(SHOWN, set.count())).toArray());
    return SampleGrid.columns(10)
        .ofBytes(first.pixels(), first.channels(), first.height(), first.width());
  }
}
