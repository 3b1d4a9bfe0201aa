/**
 * The commands that need a model but no training: {@code sample}, {@code inspect}, {@code serve}.
 * One class a command, which parses into a record of the library and calls it; {@link
 * dev.djinn.server.cli.ServerMain} alone turns exceptions into messages and exit codes.
 */
package dev.djinn.server.cli;
