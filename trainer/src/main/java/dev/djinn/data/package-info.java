/**
 * Images and labels to train on: embedded, found on this machine, downloaded, or the user's own.
 *
 * <p>{@link dev.djinn.data.DataSets} opens a set by name or path, {@link
 * dev.djinn.data.DataOptions} says how, and {@link dev.djinn.data.ImageSet} is the result: bytes of
 * shape (count, channels, height, width), labels and class names. Whatever cannot be used is a
 * {@link dev.djinn.data.DataException} with a one-line message.
 *
 * <pre>{@code
 * ImageSet cats = DataSets.open("photos/cats", DataOptions.defaults().withImageSize(64));
 * }</pre>
 */
package dev.djinn.data;
