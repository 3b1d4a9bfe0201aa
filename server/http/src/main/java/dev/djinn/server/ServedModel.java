package dev.djinn.server;

import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One version of one model: either ready, with its sampler, or unavailable, with the reason.
 *
 * @param name the model's name
 * @param version its version
 * @param file where it was loaded from
 * @param hash SHA-256 of the file in hexadecimal; empty if it could not be read
 * @param tag tells its answers from those of any other model, version or program; empty as the hash
 * @param stamp tells whether the file has changed since
 * @param sampler null if it could not be loaded
 * @param signature null if it could not be loaded
 * @param reason why it could not be loaded, or why what has taken its file's place could not; empty
 *     if all is well
 * @param statistics what has been done with it
 */
record ServedModel(
    String name,
    String version,
    Path file,
    String hash,
    String tag,
    String stamp,
    Sampler sampler,
    ModelSignature signature,
    String reason,
    Statistics statistics) {

  static ServedModel load(String name, String version, Path file, SamplerOptions options) {
    Statistics statistics = new Statistics();
    String stamp = stamp(file);
    // Beside the loading, since both take long; before it where the file may not be the right one.
    CompletableFuture<String> hashing = CompletableFuture.supplyAsync(() -> sha256(file));
    try {
      if (Files.exists(ModelFiles.sumFile(file))) {
        checkSum(file, hashing.join());
      }
      Sampler sampler = Sampler.open(file, options);
      String hash = hashing.join();
      ModelSignature signature = ModelSignature.of(name, sampler.contract());
      String tag = tag(hash, version, sampler);
      return new ServedModel(
          name, version, file, hash, tag, stamp, sampler, signature, "", statistics);
    } catch (SamplerException e) {
      String hash = hashing.exceptionally(failure -> "").join();
      return new ServedModel(
          name, version, file, hash, "", stamp, null, null, e.getMessage(), statistics);
    } catch (CompletionException | IOException e) {
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      String reason = "cannot read " + file + ": " + cause.getMessage();
      return new ServedModel(name, version, file, "", "", stamp, null, null, reason, statistics);
    }
  }

  /**
   * By all that an answer depends on besides the request: a foreign file's contract is not in it.
   */
  private static String tag(String hash, String version, Sampler sampler) {
    String range =
        sampler.options().foreign().map(how -> how.black() + " " + how.white()).orElse("");
    SortedMap<String, String> contract = new TreeMap<>(sampler.contract().toMetadata());
    String all = String.join("\n", Descriptions.version(), version, hash, range, "" + contract);
    return Digest.hex(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private static void checkSum(Path file, String hash) throws IOException {
    Path sum = ModelFiles.sumFile(file);
    String expected = Files.readString(sum).strip().split("\\s+", 2)[0];
    if (!expected.matches("[0-9a-fA-F]{64}")) {
      throw refused(sum + " does not begin with a SHA-256 in hexadecimal");
    }
    if (!expected.equalsIgnoreCase(hash)) {
      throw refused(file + " is not the file that " + sum + " describes: its SHA-256 is " + hash);
    }
  }

  private static SamplerException refused(String reason) {
    return new SamplerException(SamplerException.Reason.INVALID_MODEL, reason);
  }

  /** {@return size and time of a file and of its sum's, or why they are not known} */
  static String stamp(Path file) {
    try {
      Path sum = ModelFiles.sumFile(file);
      return stampOf(file) + (Files.exists(sum) ? ", sum " + stampOf(sum) : "");
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String stampOf(Path file) throws IOException {
    return Files.size(file) + " bytes of " + Files.getLastModifiedTime(file);
  }

  boolean ready() {
    return sampler != null;
  }

  /** {@return the same loaded model with something else to say} */
  ServedModel withReason(String other) {
    return new ServedModel(
        name, version, file, hash, tag, stamp, sampler, signature, other, statistics);
  }

  /** {@return whether another is the same loaded model} */
  boolean shares(ServedModel other) {
    return sampler == other.sampler;
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

  private static String sha256(Path file) {
    MessageDigest digest = Digest.begin();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new CompletionException(e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
