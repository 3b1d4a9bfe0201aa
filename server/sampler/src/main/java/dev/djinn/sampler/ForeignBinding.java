package dev.djinn.sampler;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.djinn.sampler.Binding.Range;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Finds out which tensors of a model that Djinn did not export are the latent, the label and the
 * image, from what was said of it, from their types and shapes, and from one run.
 */
final class ForeignBinding {
  static final Pattern LATENT = Pattern.compile("(?i).*(latent|noise|(^|\\W)z).*");
  static final Pattern LABEL =
      Pattern.compile("(?i).*(label|class|cond|onehot|(^|\\W)[yc](\\W|$)).*");

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final RunBound bound;
  private final ForeignModel foreign;
  private final GeneratorContract contract;
  private final Map<String, TensorInfo> inputs;

  ForeignBinding(
      OrtEnvironment environment, OrtSession session, RunBound bound, ForeignModel foreign)
      throws OrtException {
    this.environment = environment;
    this.session = session;
    this.bound = bound;
    this.foreign = foreign;
    contract = foreign.contract();
    inputs = Tensors.of(session.getInputInfo());
  }

  Binding find() throws OrtException {
    List<GivenInput> given = given();
    Map<String, TensorInfo> open = new LinkedHashMap<>(inputs);
    given.forEach(one -> open.remove(one.name()));
    String label = contract.conditional() ? label(open) : null;
    TensorInfo labelInfo = label == null ? null : open.remove(label);
    String latent = latent(open);
    TensorInfo latentInfo = open.remove(latent);
    if (!open.isEmpty()) {
      String name = open.keySet().iterator().next();
      throw SamplerException.invalidModel(
          "input "
              + Tensors.text(name, open.get(name))
              + " has no value: give it one, such as --input "
              + name
              + "=0.7, or name the labels if it takes one");
    }
    int batch = Math.max(fixed(latentInfo), labelInfo == null ? 0 : fixed(labelInfo));
    Port labelPort = labelInfo == null ? null : labelPort(label, labelInfo);
    OrtException failure = null;
    for (Port port : latentPorts(latent, latentInfo)) {
      try {
        return outputs(new Found(port, labelPort, given, port.batched() ? batch : 1));
      } catch (OrtException e) {
        failure = failure == null ? e : failure;
      }
    }
    throw new SamplerException(
        Reason.INVALID_MODEL,
        "the model failed on its first run: " + OneLine.first(failure),
        failure);
  }

  /** What is known before the first run. */
  private record Found(Port latent, Port label, List<GivenInput> given, int batch) {}

  private List<GivenInput> given() {
    List<GivenInput> given = new ArrayList<>();
    foreign
        .wiring()
        .given()
        .forEach(
            (name, values) ->
                given.add(new GivenInput(name, named(inputs, name, "input"), values)));
    return given;
  }

  private static TensorInfo named(Map<String, TensorInfo> tensors, String name, String what) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw SamplerException.invalidModel(
          "no " + what + " '" + name + "'; there are " + Tensors.text(tensors));
    }
    return info;
  }

  private String label(Map<String, TensorInfo> open) {
    if (foreign.wiring().label().isPresent()) {
      String name = foreign.wiring().label().get();
      named(open, name, "input");
      return name;
    }
    List<String> whole = names(open, info -> Tensors.WHOLE.contains(info.type));
    if (!whole.isEmpty()) {
      return best(whole, LABEL, 0);
    }
    int classes = contract.labels().size();
    List<String> oneHot =
        names(open, info -> Tensors.REAL.contains(info.type) && holds(info, classes));
    if (open.size() < 2 || oneHot.isEmpty()) {
      throw SamplerException.invalidModel(
          "no input takes one of "
              + classes
              + " labels, as a whole number or one-hot; inputs are "
              + Tensors.text(inputs)
              + ": say what the model takes");
    }
    // The latent comes first as a rule, should both be as long.
    return best(oneHot, LABEL, oneHot.size() - 1);
  }

  private String latent(Map<String, TensorInfo> open) {
    if (foreign.wiring().latent().isPresent()) {
      String name = foreign.wiring().latent().get();
      named(open, name, "input");
      return name;
    }
    int size = contract.latent().size();
    List<String> fitting =
        names(open, info -> Tensors.REAL.contains(info.type) && holds(info, size));
    if (fitting.isEmpty()) {
      throw SamplerException.invalidModel(
          "no floating-point input takes a latent of "
              + size
              + " numbers; inputs are "
              + Tensors.text(inputs)
              + ": say what the model takes");
    }
    return best(fitting, LATENT, 0);
  }

  private static List<String> names(Map<String, TensorInfo> tensors, Predicate<TensorInfo> wanted) {
    return tensors.entrySet().stream()
        .filter(one -> wanted.test(one.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String best(List<String> names, Pattern usual, int otherwise) {
    return names.stream()
        .filter(name -> usual.matcher(name).matches())
        .findFirst()
        .orElse(names.get(otherwise));
  }

  /** Whether a row of this tensor may be so many numbers. */
  private static boolean holds(TensorInfo info, long size) {
    long[] shape = info.getShape();
    if (shape.length == 0) {
      return true; // of a rank that the file does not say
    }
    long[] row = shape.length == 1 ? shape : Arrays.copyOfRange(shape, 1, shape.length);
    long known = LongStream.of(row).filter(dimension -> dimension > 0).reduce(1, (a, b) -> a * b);
    boolean open = LongStream.of(row).anyMatch(dimension -> dimension <= 0);
    return open ? size % known == 0 : known == size;
  }

  private static int fixed(TensorInfo info) {
    long[] shape = info.getShape();
    return shape.length > 0 ? (int) Math.max(0, Math.min(shape[0], 1 << 20)) : 0;
  }

  private Port labelPort(String name, TensorInfo info) {
    long[] shape = info.getShape();
    boolean whole = Tensors.WHOLE.contains(info.type);
    long width = whole ? 1 : contract.labels().size();
    if (!whole && !Tensors.REAL.contains(info.type)) {
      throw SamplerException.invalidModel(
          "the label " + Tensors.text(name, info) + " is neither a whole number nor one-hot");
    }
    if (shape.length < 2) {
      return whole ? Port.of(name, info.type) : Port.of(name, info.type, width);
    }
    return Port.of(name, info.type, rows(name, info, width));
  }

  /** Of an unknown rank, the usual ones are tried. */
  private List<Port> latentPorts(String name, TensorInfo info) {
    long size = contract.latent().size();
    int rank = info.getShape().length;
    if (rank == 0) {
      return List.of(
          Port.of(name, info.type, size),
          Port.of(name, info.type, size, 1, 1),
          Port.of(name, info.type, size, 1));
    }
    if (rank == 1) {
      return List.of(new Port(name, info.type, false, size));
    }
    return List.of(Port.of(name, info.type, rows(name, info, size)));
  }

  /** Gives a row's shape: the first size that the file leaves open is what the others leave. */
  private static long[] rows(String name, TensorInfo info, long size) {
    if (!holds(info, size)) {
      throw SamplerException.invalidModel(
          "input " + Tensors.text(name, info) + " does not take " + size + " numbers a row");
    }
    long[] shape = info.getShape();
    long[] row = Arrays.copyOfRange(shape, 1, shape.length);
    long left = size;
    for (long dimension : row) {
      left = dimension > 0 ? left / dimension : left;
    }
    for (int i = 0; i < row.length; i++) {
      if (row[i] <= 0) {
        row[i] = left;
        left = 1;
      }
    }
    return row;
  }

  /** Runs the model once, and finds the image among what it makes. */
  private Binding outputs(Found found) throws OrtException {
    int rows = Math.max(1, found.batch());
    Port image = null;
    try (RunBound.Watch watch = bound.watch()) {
      Map<String, OnnxTensor> tensors = new HashMap<>();
      try {
        fill(tensors, found, rows);
        try (OrtSession.Result result = watch.run(options -> session.run(tensors, options))) {
          Range range = null;
          boolean last = false;
          int made = 0;
          List<String> seen = new ArrayList<>();
          for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
            if (!(output.getValue() instanceof OnnxTensor tensor)) {
              continue;
            }
            TensorInfo info = tensor.getInfo();
            seen.add(Tensors.text(output.getKey(), info));
            boolean wanted =
                foreign.wiring().image().map(output.getKey()::equals).orElse(image == null);
            if (wanted && image == null) {
              image = image(output.getKey(), info, rows);
              if (image != null) {
                last = channelsLast(image);
                made = image.batched() ? (int) info.getShape()[0] : 1;
                boolean bytes = info.type == OnnxJavaType.UINT8;
                range = bytes ? Range.BYTES : new Range(foreign.black(), foreign.white());
              }
            }
          }
          if (image == null) {
            throw noImage(seen);
          }
          // An image of another batch than was put in: the graph has it built in.
          int batch = image.batched() && found.batch() == 0 && made != rows ? made : found.batch();
          batch = image.batched() ? batch : 1;
          return new Binding(
              contract,
              found.latent(),
              found.label(),
              image,
              last,
              null,
              range,
              found.given(),
              batch);
        }
      } finally {
        tensors.values().forEach(OnnxTensor::close);
      }
    }
  }

  private SamplerException noImage(List<String> seen) {
    Image shape = contract.image();
    return SamplerException.invalidModel(
        foreign.wiring().image().map(name -> "output '" + name + "'").orElse("no output")
            + (foreign.wiring().image().isPresent() ? " is no image of " : " is an image of ")
            + shape
            + ", as numbers or uint8, channels first or last; one row gives "
            + String.join(", ", seen)
            + ": say what the model makes, or export one that makes it");
  }

  /** Gives the output as the image, or null if its shape is another. */
  private Port image(String name, TensorInfo info, int rows) {
    if (!Tensors.REAL.contains(info.type) && info.type != OnnxJavaType.UINT8) {
      return null;
    }
    long[] shape = info.getShape();
    long size = contract.image().size();
    boolean batched = shape.length > 1 && shape[0] > 0 && Tensors.size(shape) == shape[0] * size;
    if (!batched && (rows != 1 || Tensors.size(shape) != size)) {
      return null;
    }
    long[] row = batched ? Arrays.copyOfRange(shape, 1, shape.length) : shape;
    Image image = contract.image();
    long[] last = {image.height(), image.width(), image.channels()};
    long[] plane = {image.height(), image.width()};
    boolean fits =
        row.length == 1
            || Arrays.equals(row, channelsFirst(image))
            || Arrays.equals(row, last)
            || (image.channels() == 1 && Arrays.equals(row, plane));
    return fits ? new Port(name, info.type, batched, row) : null;
  }

  private boolean channelsLast(Port image) {
    long[] row = image.row();
    return contract.image().channels() > 1
        && row.length == 3
        && !Arrays.equals(row, channelsFirst(contract.image()));
  }

  private static long[] channelsFirst(Image image) {
    return new long[] {image.channels(), image.height(), image.width()};
  }

  private void fill(Map<String, OnnxTensor> tensors, Found found, int rows) throws OrtException {
    float[] drawn = new float[rows * contract.latent().size()];
    Latents.fill(0, 0, rows, drawn, contract.latent());
    ByteBuffer latents = Tensors.direct(drawn.length, found.latent().type());
    for (int i = 0; i < drawn.length; i++) {
      Tensors.put(latents, found.latent().type(), i, drawn[i]);
    }
    tensors.put(found.latent().name(), tensor(found.latent(), latents, rows));
    if (found.label() != null) {
      Port label = found.label();
      int width = label.rowSize();
      ByteBuffer labels = Tensors.direct((long) rows * width, label.type());
      for (int i = 0; i < rows && !Tensors.WHOLE.contains(label.type()); i++) {
        Tensors.put(labels, label.type(), i * width, 1);
      }
      tensors.put(label.name(), tensor(label, labels, rows));
    }
    for (GivenInput input : found.given()) {
      tensors.put(input.name(), input.tensor(environment, rows));
    }
  }

  private OnnxTensor tensor(Port port, ByteBuffer buffer, int rows) throws OrtException {
    return OnnxTensor.createTensor(environment, buffer, port.shape(rows), port.type());
  }
}
