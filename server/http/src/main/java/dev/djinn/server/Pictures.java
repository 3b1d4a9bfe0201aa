package dev.djinn.server;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.Npy;
import dev.djinn.sampler.Samples;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The forms in which samples are sent. */
enum Pictures {
  /** One picture of all samples in a grid. */
  PNG("image/png"),
  /** NumPy's array file: uint8 (count, height, width, channels). */
  NPY("application/x-npy"),
  /** A PNG a sample, named by its number. */
  ZIP("application/zip"),
  /**
   * uint8 (count, height, width, channels) and nothing else; the shape is in the header
   * Djinn-Shape.
   */
  RAW("application/octet-stream"),
  /** An object with the shape, the labels and the pixels as numbers. */
  JSON("application/json");

  private final String type;

  Pictures(String type) {
    this.type = type;
  }

  String type() {
    return type;
  }

  /**
   * Chooses a form.
   *
   * @param format as named by the client; null if it did not
   * @param accept the header Accept; null without one
   * @param usual the form for those to whom all are the same
   */
  static Pictures choose(String format, String accept, Pictures usual) throws RequestException {
    if (format != null) {
      for (Pictures form : values()) {
        if (form.name().equalsIgnoreCase(format)) {
          return form;
        }
      }
      throw RequestException.bad("format '" + format + "' is none of png, npy, zip, raw, json");
    }
    if (accept == null || accept.isBlank()) {
      return usual;
    }
    Map<String, Double> weights = Preferences.of(accept);
    List<Pictures> forms = new ArrayList<>(List.of(values()));
    forms.sort(Comparator.comparing(form -> form != usual));
    Pictures best = null;
    double highest = 0;
    for (String range : weights.keySet()) {
      for (Pictures form : forms) {
        double weight = form.matches(range) ? form.weight(weights) : 0;
        if (weight > highest) {
          best = form;
          highest = weight;
        }
      }
    }
    if (best == null) {
      List<String> types = Arrays.stream(values()).map(Pictures::type).toList();
      throw new RequestException(406, "nothing here is '" + accept + "'; there are " + types);
    }
    return best;
  }

  private boolean matches(String range) {
    return range.equals(type) || range.equals(family()) || range.equals("*/*");
  }

  /** The most specific range counts: who takes anything but PNG does not get PNG. */
  private double weight(Map<String, Double> weights) {
    double any = weights.getOrDefault("*/*", 0.0);
    return weights.getOrDefault(type, weights.getOrDefault(family(), any));
  }

  private String family() {
    return type.substring(0, type.indexOf('/')) + "/*";
  }

  /** {@return the most bytes that samples take in this form, making it included} */
  long size(int count, Image image) {
    long pixels = (long) count * image.size();
    return switch (this) {
      case PNG -> 3 * pixels;
      case NPY, RAW -> pixels + 128;
      case ZIP -> 2 * pixels + 512L * count;
      case JSON -> 5 * pixels;
    };
  }

  /** Makes the answer; the samples have their pixels. */
  Reply write(Json json, ServedModel model, SampleQuery query, Samples samples) throws IOException {
    Image image = samples.shape();
    long[] shape = {samples.count(), image.height(), image.width(), image.channels()};
    Map<String, String> headers = Map.of("Djinn-Shape", dimensions(shape));
    List<byte[]> body =
        switch (this) {
          case PNG -> List.of(samples.toGridPng(query.columnsOf(samples.count())));
          case NPY -> List.of(Npy.header(shape), samples.pixels());
          case ZIP -> List.of(zip(samples, query.first()));
          case RAW -> List.of(samples.pixels());
          case JSON -> List.of(json.write(out -> writeJson(out, model, query, samples, shape)));
        };
    return new Reply(200, type, headers, body);
  }

  private static void writeJson(
      JsonGenerator out, ServedModel model, SampleQuery query, Samples samples, long[] shape)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("model_name", model.name());
    out.writeStringField("model_version", model.version());
    // As a string, since a JavaScript number holds 53 bits of a seed only.
    out.writeStringField("seed", Long.toString(query.seed()));
    out.writeNumberField("first", query.first());
    out.writeFieldName("shape");
    out.writeArray(shape, 0, shape.length);
    out.writeFieldName("labels");
    int[] labels = samples.labels();
    out.writeArray(labels, 0, labels.length);
    out.writeArrayFieldStart("pixels");
    for (byte pixel : samples.pixels()) {
      out.writeNumber(Byte.toUnsignedInt(pixel));
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static byte[] zip(Samples samples, long first) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(0); // PNG is deflated already.
      for (int i = 0; i < samples.count(); i++) {
        ZipEntry entry = new ZipEntry(String.format(Locale.ROOT, "%06d.png", first + i));
        entry.setTime(0); // The same samples, the same bytes.
        zip.putNextEntry(entry);
        zip.write(samples.toPng(i));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static String dimensions(long[] shape) {
    return String.join(", ", Arrays.stream(shape).mapToObj(Long::toString).toList());
  }
}
