/** What a wrong name probably meant: one wording for presets, data sets, settings and options. */
package dev.djinn.names;
