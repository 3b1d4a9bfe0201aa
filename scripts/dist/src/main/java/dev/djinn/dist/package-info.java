/**
 * What the build makes of the modules for people who do not build: {@link dev.djinn.dist.Handbook}
 * writes the man pages and the shells' completion of all commands, {@code Archive} lays out the
 * jars and licences of an archive. Nothing of it is in an archive.
 */
package dev.djinn.dist;
