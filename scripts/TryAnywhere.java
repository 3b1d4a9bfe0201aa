import dev.djinn.sampler.ContractReader;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.Latents;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Java's part of try-anywhere: latents, labels and pictures of a model. Usage: MODEL SEED FOLDER */
public final class TryAnywhere {
  private static final int ROWS = 16;

  public static void main(String[] args) throws Exception {
    Path model = ModelFiles.resolve(args[0]);
    long seed = Long.parseLong(args[1]);
    Path folder = Path.of(args[2]);
    System.out.println("java " + Runtime.version() + ", ONNX Runtime " + OnnxRuntime.version());
    Files.copy(model, folder.resolve("model.onnx"));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(model.toString(), options)) {
        Map<String, String> metadata = session.getMetadata().getCustomMetadata();
        GeneratorContract contract = ContractReader.read(metadata);
        Latent prior = contract.latent();
        float[] latents = new float[ROWS * prior.size()];
        Latents.fill(seed, 0, ROWS, latents, prior);
        long[] labels = new long[ROWS];
        Map<String, OnnxTensor> inputs = new HashMap<>();
        inputs.put("latent", OnnxTensor.createTensor(environment, FloatBuffer.wrap(latents), new long[] {ROWS, prior.size()}));
        if (!contract.labels().isEmpty()) {
          Latents.fillLabels(seed, 0, ROWS, LongBuffer.wrap(labels), contract.labels().size());
          inputs.put("label", OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), new long[] {ROWS}));
        }
        try (OrtSession.Result made = session.run(inputs)) {
          write(folder.resolve("image"), ((OnnxTensor) made.get("image").orElseThrow()).getByteBuffer());
          write(folder.resolve("pixels"), ((OnnxTensor) made.get("pixels").orElseThrow()).getByteBuffer());
        }
        ByteBuffer bytes = ByteBuffer.allocate(4 * latents.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(latents);
        write(folder.resolve("latents"), bytes);
        bytes = ByteBuffer.allocate(8 * ROWS).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(labels);
        write(folder.resolve("labels"), bytes);
        Files.writeString(folder.resolve("facts.json"),
            "{\"seed\": \"" + seed + "\", \"rows\": " + ROWS + ", \"classes\": " + contract.labels().size()
                + ", \"prior\": " + metadata.get("djinn.latent") + "}");
        inputs.values().forEach(OnnxTensor::close);
      }
    }
  }

  private static void write(Path file, ByteBuffer buffer) throws Exception {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    Files.write(file, bytes);
  }
}
