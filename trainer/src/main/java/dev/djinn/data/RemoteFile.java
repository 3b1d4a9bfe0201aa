package dev.djinn.data;

/**
 * A file that mirrors hold, known to the last byte.
 *
 * @param name its name on every mirror and on this machine
 * @param length in bytes
 * @param sha256 in lower-case hex
 */
record RemoteFile(String name, long length, String sha256) {}
