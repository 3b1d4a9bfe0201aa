package com.example.batch;

import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes labelled pictures as two IDX files, the form of MNIST that every framework reads. Each
 * label has as many as any other, in constant memory, and the same seed gives the same files.
 *
 * <p>Usage: DigitsJob MODEL COUNT SEED FOLDER
 */
public final class DigitsJob {
  private DigitsJob() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    if (args.length != 4) {
      System.err.println("usage: DigitsJob MODEL COUNT SEED FOLDER");
      System.exit(2);
    }
    try (Sampler sampler = Sampler.open(Path.of(args[0]))) {
      write(sampler, Integer.parseInt(args[1]), Long.parseLong(args[2]), Path.of(args[3]));
    }
  }

  static void write(Sampler sampler, int count, long seed, Path folder) throws IOException {
    int classes = sampler.contract().labels().size();
    if (classes == 0) {
      throw new IllegalArgumentException("this model has no labels");
    }
    var image = sampler.contract().image();
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % classes;
    }
    Files.createDirectories(folder);
    Path pictures = folder.resolve("images-idx3-ubyte");
    Path unfinished = folder.resolve("images-idx3-ubyte.part");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(unfinished)))) {
      out.writeInt(0x00000803); // unsigned bytes, three dimensions
      out.writeInt(count);
      out.writeInt(image.height());
      out.writeInt(image.width());
      SampleRequest request =
          SampleRequest.of(count).withSeed(seed).withLabels(labels).withOutputs(Output.PIXELS);
      try (var parts = sampler.stream(request)) {
        parts.forEachOrdered(part -> append(out, part));
      }
    }
    Path given = folder.resolve("labels-idx1-ubyte");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(given)))) {
      out.writeInt(0x00000801);
      out.writeInt(count);
      for (int label : labels) {
        out.writeByte(label);
      }
    }
    // Who sees the pictures sees all of them.
    Files.move(unfinished, pictures, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void append(OutputStream out, Samples part) {
    try {
      out.write(part.pixels());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
