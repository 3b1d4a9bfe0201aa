package dev.djinn.server;

import dev.djinn.sampler.FileProblem;
import dev.djinn.sampler.ForeignModel;
import dev.djinn.sampler.ModelParts;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * One version of one model: either ready, with its sampler, or unavailable, with the reason.
 *
 * @param name the model's name
 * @param version its version
 * @param parts the files that it was loaded from
 * @param hash of them, as {@link ModelParts#hash} gives it; empty if they could not be read
 * @param tag tells its answers from those of any other model, version or program; empty as the
 *     hash, and if one answer differs from the next
 * @param stamp tells whether the files have changed since
 * @param sampler null if it could not be loaded
 * @param signature null if it could not be loaded
 * @param reason why it could not be loaded, or why what has taken its file's place could not; empty
 *     if all is well
 * @param statistics what has been done with it
 */
record ServedModel(
    String name,
    String version,
    ModelParts parts,
    String hash,
    String tag,
    String stamp,
    Sampler sampler,
    ModelSignature signature,
    String reason,
    Statistics statistics) {

  static ServedModel load(String name, String version, Path file, SamplerOptions options) {
    Statistics statistics = new Statistics();
    ModelParts parts = new ModelParts(file, List.of());
    String stamp = stamp(parts);
    String hash = "";
    try {
      parts = ModelParts.of(file);
      stamp = stamp(parts);
      // Beside the loading, since both take long; the sums before it: it may not be the right one.
      CompletableFuture<String> hashing =
          CompletableFuture.supplyAsync(hashing(parts), ServedModel::onItsOwn);
      parts.checkSums();
      Sampler sampler;
      try {
        sampler = Sampler.open(file, options);
      } finally {
        hash = hashing.exceptionally(failure -> "").join();
      }
      try {
        hash = hashing.join();
        ModelSignature signature = ModelSignature.of(name, sampler.contract());
        String tag = tag(hash, version, sampler);
        return new ServedModel(
            name, version, parts, hash, tag, stamp, sampler, signature, "", statistics);
      } catch (RuntimeException | Error e) {
        sampler.close();
        throw e;
      }
    } catch (SamplerException e) {
      return new ServedModel(
          name, version, parts, hash, "", stamp, null, null, e.getMessage(), statistics);
    } catch (CompletionException | IOException e) {
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      String why = cause instanceof IOException io ? FileProblem.reason(io) : cause.toString();
      String reason = "cannot read " + file + ": " + why;
      return new ServedModel(name, version, parts, "", "", stamp, null, null, reason, statistics);
    } catch (Throwable e) {
      String reason = file + ": " + e; // Whatever it is, it is this version's alone.
      return new ServedModel(name, version, parts, "", "", stamp, null, null, reason, statistics);
    }
  }

  /** {@return a version whose file is being loaded for the first time} */
  static ServedModel waiting(String name, String version, Path file) {
    ModelParts parts = new ModelParts(file, List.of());
    String reason = "it is being loaded";
    return new ServedModel(name, version, parts, "", "", "", null, null, reason, new Statistics());
  }

  /** Not in the pool that all share: a drive may be slow. */
  private static void onItsOwn(Runnable task) {
    Thread thread = new Thread(task, "djinn-hash");
    thread.setDaemon(true);
    thread.start();
  }

  private static Supplier<String> hashing(ModelParts parts) {
    return () -> {
      try {
        return parts.hash();
      } catch (IOException e) {
        throw new CompletionException(e);
      }
    };
  }

  /**
   * By all that an answer depends on besides the request: a foreign file's contract is not in it.
   */
  private static String tag(String hash, String version, Sampler sampler) {
    if (sampler.contract().brokenSeed().isPresent()) {
      return "";
    }
    String foreign = sampler.foreign().map(ServedModel::text).orElse("");
    SortedMap<String, String> contract = new TreeMap<>(sampler.contract().toMetadata());
    String all = String.join("\n", Release.version(), version, hash, foreign, "" + contract);
    return Sha256.hex(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private static String text(ForeignModel foreign) {
    boolean wired = !foreign.wiring().equals(ForeignModel.Wiring.NONE);
    return foreign.black() + " " + foreign.white() + (wired ? " " + foreign.wiring() : "");
  }

  /** {@return sizes and times of files and of what lies beside them, or why they are not known} */
  static String stamp(ModelParts parts) {
    try {
      return parts.stamp();
    } catch (IOException e) {
      return e.toString();
    }
  }

  Path file() {
    return parts.file();
  }

  boolean ready() {
    return sampler != null;
  }

  /**
   * Whether it is ready and a worker is, or will soon be.
   *
   * @param most how long all workers may have been at the same batches
   */
  boolean answers(Duration most) {
    return ready() && sampler.stalled().compareTo(most) < 0;
  }

  /** {@return the same loaded model with something else to say} */
  ServedModel withReason(String other) {
    return new ServedModel(
        name, version, parts, hash, tag, stamp, sampler, signature, other, statistics);
  }

  /** {@return whether another is the same loaded model} */
  boolean shares(ServedModel other) {
    return sampler != null && sampler == other.sampler;
  }

  /** {@return where, why there and how it runs, in one line} */
  String placement() {
    SamplerOptions how = sampler.options();
    // Not by a format: loading Java's formatter would take a tenth of the server's start.
    return sampler.provider()
        + " ("
        + sampler.providerReason()
        + "), "
        + how.workers()
        + " batches at a time, threads in each: "
        + how.threads();
  }

  void close() {
    if (sampler != null) {
      sampler.close();
    }
  }
}
