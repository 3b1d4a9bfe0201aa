/**
 * A run of training: {@link dev.djinn.trainer.TrainingRun} is the loop, the other files are what it
 * shows while it goes, and {@link dev.djinn.trainer.TrainedGenerator} draws from what it left.
 */
package dev.djinn.trainer;
