package dev.djinn.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.djinn.files.FileProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The safetensors format (github.com/huggingface/safetensors): eight bytes of header length,
 * little-endian; a JSON header that gives dtype, shape and offsets of each array; the raw
 * little-endian arrays. Only float32 ("F32") is written and read.
 */
public final class SafeTensors {
  private static final int LENGTH_BYTES = 8;
  private static final int LARGEST_HEADER = 100_000_000;

  private SafeTensors() {}

  /**
   * An array on the heap.
   *
   * @param shape its axes
   * @param values its elements, row-major; readers duplicate the buffer before they move it
   */
  public record Tensor(Shape shape, FloatBuffer values) {}

  /**
   * Writes arrays and forces them to disk. They go there from native memory: with copies of them
   * the heap would grow to several times an optimiser's moments.
   *
   * @param file new file
   * @param arrays float32 by name, in order
   * @param digest takes in every byte that the file gets
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Map<String, NDArray> arrays, MessageDigest digest)
      throws IOException {
    JsonObject header = new JsonObject();
    long offset = 0;
    for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
      JsonObject item = new JsonObject();
      JsonArray shape = new JsonArray();
      for (long axis : entry.getValue().getShape().getShape()) {
        shape.add(axis);
      }
      long end = offset + entry.getValue().size() * 4;
      JsonArray offsets = new JsonArray();
      offsets.add(offset);
      offsets.add(end);
      item.addProperty("dtype", "F32");
      item.add("shape", shape);
      item.add("data_offsets", offsets);
      header.add(entry.getKey(), item);
      offset = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    // The header is padded with spaces, so that the arrays start aligned.
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      write(channel, start.putLong(0, padded.length), digest);
      write(channel, ByteBuffer.wrap(padded), digest);
      for (NDArray array : arrays.values()) {
        NDArray host = array.toDevice(Device.cpu(), false);
        // libtorch is built for little-endian machines alone.
        write(channel, host.toByteBuffer(true), digest);
        if (host != array) {
          host.close();
        }
      }
      channel.force(true);
    }
  }

  private static void write(FileChannel channel, ByteBuffer bytes, MessageDigest digest)
      throws IOException {
    digest.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Reads every array of a file.
   *
   * @param file the file
   * @return arrays by name, in file order
   * @throws TrainingException if the file cannot be read, is not safetensors, is cut short or holds
   *     other dtypes
   */
  public static Map<String, Tensor> read(Path file) {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TrainingException("cannot read " + file + ": " + FileProblem.reason(e), e);
    }
    return parse(file.toString(), content);
  }

  /**
   * Reads every array of a file's content.
   *
   * @param file what the file is called in messages
   * @param content its bytes
   * @return arrays by name, in file order
   * @throws TrainingException if the content is not safetensors, is cut short or holds other dtypes
   */
  public static Map<String, Tensor> parse(String file, byte[] content) {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    if (content.length < LENGTH_BYTES) {
      throw broken(file, "it has only " + content.length + " bytes");
    }
    long header = bytes.getLong(0);
    if (header < 2 || header > Math.min(LARGEST_HEADER, content.length - LENGTH_BYTES)) {
      throw broken(file, "its header cannot have " + header + " bytes");
    }
    int start = LENGTH_BYTES + (int) header;
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try {
      String json = new String(content, LENGTH_BYTES, (int) header, StandardCharsets.UTF_8);
      for (Map.Entry<String, JsonElement> entry :
          JsonParser.parseString(json).getAsJsonObject().entrySet()) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.put(
              entry.getKey(),
              tensor(file, entry.getKey(), entry.getValue().getAsJsonObject(), bytes, start));
        }
      }
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      throw broken(file, "its header is not as the format has it");
    }
    return tensors;
  }

  private static Tensor tensor(
      String file, String name, JsonObject item, ByteBuffer bytes, int start) {
    if (!item.get("dtype").getAsString().equals("F32")) {
      throw broken(file, name + " is " + item.get("dtype").getAsString() + ", expected F32");
    }
    JsonArray axes = item.getAsJsonArray("shape");
    long[] shape = new long[axes.size()];
    long elements = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = axes.get(i).getAsLong();
      elements *= shape[i];
    }
    long from = item.getAsJsonArray("data_offsets").get(0).getAsLong();
    long to = item.getAsJsonArray("data_offsets").get(1).getAsLong();
    if (from < 0 || to - from != elements * 4 || start + to > bytes.capacity()) {
      throw broken(file, name + " does not lie inside it; it is cut short");
    }
    float[] values = new float[(int) elements];
    bytes
        .slice((int) (start + from), (int) (to - from))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return new Tensor(new Shape(shape), FloatBuffer.wrap(values));
  }

  private static TrainingException broken(String file, String why) {
    return new TrainingException(file + " is not a usable safetensors file: " + why);
  }
}
