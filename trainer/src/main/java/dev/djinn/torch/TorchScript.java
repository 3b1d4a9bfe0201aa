package dev.djinn.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module without state, compiled by libtorch from the text of its methods:
 *
 * <pre>{@code
 * TorchScript script = TorchScript.compile(manager, """
 *     def twice(self, x: Tensor) -> Tensor:
 *       return torch.mul(x, 2)
 *     """);
 * NDArray y = script.call("twice", x).singletonOrThrow();
 * }</pre>
 *
 * <p>The format is PyTorch's serialisation format 3 (pytorch/torch/csrc/jit/docs/serialization.md):
 * a stored zip with a pickled object and its source. Gradients flow through calls when the thread
 * is in gradient mode ({@link GradientMode}).
 */
public final class TorchScript implements AutoCloseable {
  private final PtSymbolBlock module;
  private final NDManager names;
  private final Map<String, NDArray> methods = new HashMap<>();

  private TorchScript(PtSymbolBlock module, NDManager names) {
    this.module = module;
    this.names = names;
  }

  /**
   * Compiles a module.
   *
   * @param manager the module runs on its device and closes with it
   * @param methods definitions, each starting {@code def name(self, …)} in column 0
   * @return the module; closed with the manager if not before
   * @throws ai.djl.engine.EngineException if libtorch refuses the source
   */
  public static TorchScript compile(NDManager manager, String methods) {
    NDManager own = manager.newSubManager();
    try {
      byte[] archive = archive("class M(Module):\n  training : bool\n" + methods.indent(2));
      PtSymbolBlock module =
          JniUtils.loadModule((PtNDManager) own, new ByteArrayInputStream(archive), false, false);
      return new TorchScript(module, own);
    } catch (IOException e) {
      own.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /**
   * Calls a method. Results belong to the manager of the first argument.
   *
   * @param method its name
   * @param arguments each an {@link NDArray} (a Tensor) or a non-empty {@link NDList} (a
   *     List[Tensor]); the first is an array, and no array appears both alone and in a list
   * @return the results in order
   */
  public NDList call(String method, Object... arguments) {
    NDList inputs = new NDList(arguments.length + 1);
    for (int i = 0; i < arguments.length; i++) {
      // DJL groups arrays into lists by their names, so the names are set before every call.
      if (arguments[i] instanceof NDArray array) {
        array.setName(null);
        inputs.add(array);
      } else {
        String name = "a" + i + "[]";
        for (NDArray array : (NDList) arguments[i]) {
          array.setName(name);
          inputs.add(array);
        }
      }
    }
    inputs.add(methods.computeIfAbsent(method, this::methodName));
    // "true" keeps libtorch out of inference mode, whose results no later graph may use.
    return IValueUtils.forward(module, inputs, true);
  }

  /**
   * A number as the source of a method has it. Numbers belong into the source, not beside an array
   * in Java: DJL frees a Java number's memory at once, and a recorded graph reads it later.
   *
   * @param value a finite number
   * @return a float literal
   */
  public static String number(double value) {
    return Double.toString(value).replace('E', 'e');
  }

  /** DJL picks the method by an array that carries its name. */
  private NDArray methodName(String method) {
    NDArray array = names.create(0f);
    array.setName("module_method:" + method);
    return array;
  }

  /** Frees the module. */
  @Override
  public void close() {
    names.close();
  }

  private static byte[] archive(String source) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "m/version", "3\n".getBytes(StandardCharsets.US_ASCII));
      store(zip, "m/data.pkl", object());
      store(zip, "m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      // Protocol 2, empty tuple, stop: no constants.
      store(zip, "m/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    }
    return bytes.toByteArray();
  }

  /** The pickled instance: {@code __torch__.M} with training = True. */
  private static byte[] object() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(new byte[] {(byte) 0x80, 2}); // protocol 2
    pickle.write("c__torch__\nM\n".getBytes(StandardCharsets.US_ASCII)); // push the class
    pickle.write(new byte[] {')', (byte) 0x81}); // no arguments, make the object
    pickle.write("}(X\u0008\0\0\0training".getBytes(StandardCharsets.US_ASCII)); // {"training":
    pickle.write(new byte[] {(byte) 0x88, 'u', 'b', '.'}); // True}, set its state, stop
    return pickle.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
