package dev.djinn.server;

/** Which Djinn this is. */
final class Release {
  private Release() {}

  /** {@return the version of the jar; {@code development} outside of one} */
  static String version() {
    String version = Release.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
