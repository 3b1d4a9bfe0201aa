/** What this machine is and whether Djinn works on it: {@link dev.djinn.exporter.doctor.Doctor}. */
package dev.djinn.exporter.doctor;
