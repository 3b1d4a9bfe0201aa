package dev.djinn.run;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import java.util.LinkedHashMap;
import java.util.Map;

/** The PyTorch engine: loaded offline, with a device and a number of threads that someone chose. */
public final class TorchEngine {
  private static boolean prepared;

  private TorchEngine() {}

  /**
   * Loads the engine on first use. Nothing is fetched from the network unless the environment
   * variable or system property of DJL's offline mode says so itself.
   *
   * @return the engine
   * @throws TrainingException if its natives are missing, or do not lie in a folder of this user's
   */
  public static Engine get() {
    prepare();
    if (System.getenv("DJL_OFFLINE") == null && System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    try {
      Engine engine = Engine.getEngine("PyTorch");
      // Without the optimising executor a first call computes what a thousandth does, bit for bit.
      JniUtils.setGraphExecutorOptimize(false);
      return engine;
    } catch (EngineException | UnsatisfiedLinkError e) {
      throw new TrainingException(
          "libtorch cannot be loaded: "
              + rootMessage(e)
              + "; its natives come with the build (profile cuda leaves them to DJL, which then needs"
              + " DJL_OFFLINE=false once)",
          e);
    }
  }

  private static synchronized void prepare() {
    if (!prepared) {
      TorchFolder.prepare();
      prepared = true;
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /**
   * Sets the number of native threads.
   *
   * @param threads at least 1
   */
  public static void useThreads(int threads) {
    get();
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
  }

  /**
   * A device and why it was taken.
   *
   * @param device the device
   * @param reason one line for the user
   */
  public record Choice(Device device, String reason) {}

  /**
   * Resolves a wish for a device.
   *
   * @param wish {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}
   * @return the device
   * @throws IllegalArgumentException if the wish is none of these
   * @throws TrainingException if a GPU is demanded and there is none
   */
  public static Choice device(String wish) {
    if (!wish.matches("auto|cpu|gpu(:[0-9]{1,3})?")) {
      throw new IllegalArgumentException("device '" + wish + "' is not auto, cpu, gpu or gpu:N");
    }
    // Loaded before any choice: DJL reports home when it makes an engine that get() has not loaded.
    Engine engine = get();
    if (wish.equals("cpu")) {
      return new Choice(Device.cpu(), "device cpu, as asked");
    }
    // A manager on a GPU can be made without one and fails later, so the count decides.
    int gpus = engine.getGpuCount();
    if (wish.equals("auto")) {
      return gpus > 0
          ? new Choice(Device.gpu(0), "device gpu:0, the first of " + gpus)
          : new Choice(Device.cpu(), "device cpu: libtorch sees no CUDA GPU");
    }
    int number = wish.equals("gpu") ? 0 : Integer.parseInt(wish.substring(4));
    if (number >= gpus) {
      throw new TrainingException(
          "device "
              + wish
              + " is not there: libtorch sees "
              + (gpus == 0 ? "no CUDA GPU" : gpus + " CUDA GPUs")
              + "; build with -Pcuda on a CUDA machine, or take --device cpu");
    }
    return new Choice(Device.gpu(number), "device gpu:" + number + ", as asked");
  }

  /**
   * Versions that decide what a run computes.
   *
   * @return by name
   */
  public static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("djinn", version(TorchEngine.class));
    versions.put("java", System.getProperty("java.version"));
    versions.put("djl", Engine.getDjlVersion());
    versions.put("libtorch", get().getVersion());
    return versions;
  }

  private static String version(Class<?> type) {
    String version = type.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
