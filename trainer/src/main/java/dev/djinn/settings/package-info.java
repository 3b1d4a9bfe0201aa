/**
 * Everything that decides what a training does: {@link dev.djinn.settings.Settings} is the record,
 * {@link dev.djinn.settings.SettingsFile} reads it from a network file and writes it back.
 */
package dev.djinn.settings;
