/** How far long work is, on one line: {@link dev.djinn.progress.ProgressLine}. */
package dev.djinn.progress;
