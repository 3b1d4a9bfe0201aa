/**
 * The pictures and pages that a training run leaves.
 *
 * <p>{@link dev.djinn.report.SampleGrid} lays images out, {@link dev.djinn.report.LossPlot} draws a
 * run's curves, {@link dev.djinn.report.AnimatedGif} and {@link dev.djinn.report.RunReport} show a
 * run over time, and {@link dev.djinn.report.Png} writes a picture. Text is drawn with a font of
 * our own, since a headless Java may have none. Every file appears whole or not at all.
 *
 * <pre>{@code
 * BufferedImage grid = SampleGrid.columns(8).ofFloats(samples, 1, 28, 28);
 * Png.write(grid, run.resolve("samples/000300.png"));
 * }</pre>
 */
package dev.djinn.report;
