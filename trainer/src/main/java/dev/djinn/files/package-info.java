/**
 * Files and folders that are whole or absent at every moment, and their problems as sentences.
 *
 * <pre>{@code
 * AtomicFile.write(run.resolve("run.yaml"), text);
 * }</pre>
 */
package dev.djinn.files;
