package dev.djinn.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format (github.com/huggingface/safetensors): eight bytes of header length,
 * little-endian; a JSON header that gives dtype, shape and offsets of each array; the raw
 * little-endian arrays. Only float32 ("F32") is written and read.
 */
public final class SafeTensors {
  private static final int LENGTH_BYTES = 8;
  private static final int LARGEST_HEADER = 100_000_000;

  /** Of what fits into an array. */
  private static final int LARGEST_FILE = Integer.MAX_VALUE - 8;

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
      if (Files.size(file) > LARGEST_FILE) {
        throw broken(file.toString(), "it has " + Files.size(file) + " bytes, more than 2 GB");
      }
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
    List<Entry> entries = entries(file, content, (int) header);
    checkPlaces(file, entries, content.length - start);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Entry entry : entries) {
      float[] values = new float[(int) ((entry.to - entry.from) / Float.BYTES)];
      bytes
          .slice((int) (start + entry.from), (int) (entry.to - entry.from))
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      tensors.put(entry.name, new Tensor(entry.shape, FloatBuffer.wrap(values)));
    }
    return tensors;
  }

  /** What the header says of an array: where it lies in the bytes behind the header. */
  private record Entry(String name, Shape shape, long from, long to) {}

  private static List<Entry> entries(String file, byte[] content, int header) {
    JsonElement json;
    try {
      json =
          JsonParser.parseString(new String(content, LENGTH_BYTES, header, StandardCharsets.UTF_8));
    } catch (JsonParseException e) {
      throw broken(file, "its header is not JSON");
    }
    if (!json.isJsonObject()) {
      throw broken(file, "its header is no JSON object");
    }
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonElement> entry : json.getAsJsonObject().entrySet()) {
      if (!entry.getKey().equals("__metadata__")) {
        entries.add(entry(file, entry.getKey(), entry.getValue()));
      }
    }
    return entries;
  }

  private static Entry entry(String file, String name, JsonElement said) {
    if (!(said instanceof JsonObject item)) {
      throw broken(file, "of " + name + " its header gives no dtype, shape and offsets");
    }
    JsonElement dtype = item.get("dtype");
    if (!(dtype instanceof JsonPrimitive text) || !text.getAsString().equals("F32")) {
      throw broken(file, name + " is " + dtype + ", expected F32");
    }
    long[] shape = integers(file, name, "shape", item.get("shape"));
    long[] offsets = integers(file, name, "data_offsets", item.get("data_offsets"));
    if (offsets.length != 2) {
      throw broken(file, name + " has " + offsets.length + " data_offsets, expected 2");
    }
    long size = Float.BYTES;
    try {
      for (long axis : shape) {
        size = Math.multiplyExact(size, axis);
      }
    } catch (ArithmeticException e) {
      throw broken(file, name + " has a shape of more bytes than there are numbers");
    }
    if (offsets[1] - offsets[0] != size) {
      throw broken(
          file,
          name
              + " has the shape "
              + Arrays.toString(shape)
              + ", which does not fit the bytes from "
              + offsets[0]
              + " to "
              + offsets[1]);
    }
    return new Entry(name, new Shape(shape), offsets[0], offsets[1]);
  }

  /** Reads an array of whole numbers from 0 on, as the format has no others. */
  private static long[] integers(String file, String name, String field, JsonElement said) {
    if (!(said instanceof JsonArray array)) {
      throw broken(file, name + " has no " + field);
    }
    long[] numbers = new long[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      String text = array.get(i).toString();
      if (!text.matches("[0-9]{1,18}")) {
        throw broken(
            file, name + " has " + text + " in its " + field + ", which is no whole number from 0");
      }
      numbers[i] = Long.parseLong(text);
    }
    return numbers;
  }

  /** Arrays lie one behind the other, without a byte that belongs to two or to none. */
  private static void checkPlaces(String file, List<Entry> entries, long length) {
    List<Entry> places = new ArrayList<>(entries);
    places.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
    long end = 0;
    String before = "the header";
    for (Entry entry : places) {
      if (entry.to > length) {
        throw broken(file, entry.name + " does not lie inside it; it is cut short");
      }
      if (entry.from != end) {
        throw broken(
            file,
            entry.name
                + " begins at byte "
                + entry.from
                + ", but "
                + before
                + " ends at "
                + end
                + ": arrays neither overlap nor leave gaps");
      }
      end = entry.to;
      before = entry.name;
    }
    if (end != length) {
      throw broken(file, (length - end) + " bytes of it belong to no array");
    }
  }

  private static TrainingException broken(String file, String why) {
    return new TrainingException(file + " is not a usable safetensors file: " + why);
  }
}
