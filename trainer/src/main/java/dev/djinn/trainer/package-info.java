/**
 * A run of training: {@link dev.djinn.trainer.TrainingRun} prepares it, {@code TrainingLoop} goes
 * through its steps, the other files are what it shows while it goes, and {@link
 * dev.djinn.trainer.TrainedGenerator} draws from what it left.
 */
package dev.djinn.trainer;
