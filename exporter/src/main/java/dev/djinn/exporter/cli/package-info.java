/** The commands {@code export} and {@code verify}. */
package dev.djinn.exporter.cli;
