/** What the benchmark scripts run; not part of any jar. */
package dev.djinn.bench;
