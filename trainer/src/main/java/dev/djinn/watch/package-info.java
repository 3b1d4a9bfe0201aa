/**
 * A page in the browser over a folder of runs: open {@link dev.djinn.watch.WatchServer} first.
 *
 * <p>Nothing here takes part in a training. {@code RunsFolder} finds runs, {@code WatchedRun} says
 * what one folder holds, {@code LogSeries} reads its log row by row as it grows, {@code
 * EmbeddedPictures} finds pictures in finished pages, and {@code watch.html} is the page. What a
 * person asks of a run goes to it through {@link dev.djinn.run.RunRequest}.
 */
package dev.djinn.watch;
