/**
 * Says how good generated pictures are, whoever makes them: a run, an exported file, or pictures
 * that somebody else's program made. {@link dev.djinn.exporter.judge.Judging} is what to judge and
 * how, {@link dev.djinn.exporter.judge.Judgement} what came out.
 *
 * <pre>{@code
 * Judgement judged = Judging.of("runs/quick").run(System.err::println);
 * System.out.print(judged.text());
 * }</pre>
 */
package dev.djinn.exporter.judge;
