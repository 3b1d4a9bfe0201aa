package dev.djinn.server;

import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * One version of one model: either ready, with its sampler, or unavailable, with the reason.
 *
 * @param name the model's name
 * @param version its version
 * @param file where it was loaded from
 * @param hash SHA-256 of the file in hexadecimal; empty if it could not be read
 * @param stamp tells whether the file has changed since
 * @param sampler null if it could not be loaded
 * @param signature null if it could not be loaded
 * @param reason why it could not be loaded; empty if it is ready
 * @param statistics what has been done with it
 */
record ServedModel(
    String name,
    String version,
    Path file,
    String hash,
    String stamp,
    Sampler sampler,
    ModelSignature signature,
    String reason,
    Statistics statistics) {

  static ServedModel load(String name, String version, Path file, SamplerOptions options) {
    Statistics statistics = new Statistics();
    String stamp = stamp(file);
    String hash = "";
    try {
      hash = sha256(file);
      Sampler sampler = Sampler.open(file, options);
      ModelSignature signature = ModelSignature.of(name, sampler.contract());
      return new ServedModel(name, version, file, hash, stamp, sampler, signature, "", statistics);
    } catch (SamplerException e) {
      return new ServedModel(
          name, version, file, hash, stamp, null, null, e.getMessage(), statistics);
    } catch (IOException e) {
      String reason = "cannot read " + file + ": " + e.getMessage();
      return new ServedModel(name, version, file, hash, stamp, null, null, reason, statistics);
    }
  }

  /** {@return size and time of a file, or why they are not known} */
  static String stamp(Path file) {
    try {
      return Files.size(file) + " bytes of " + Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  boolean ready() {
    return sampler != null;
  }

  void close() {
    if (sampler != null) {
      sampler.close();
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = Digest.begin();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
