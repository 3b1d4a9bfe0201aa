/**
 * The commands {@code export}, {@code verify} and {@code evaluate}: each parses into a record and
 * calls one public method, {@link dev.djinn.exporter.RunExport#write}, {@link
 * dev.djinn.exporter.OnnxExporter#verify} and {@link dev.djinn.exporter.judge.Judging#run}.
 */
package dev.djinn.exporter.cli;
