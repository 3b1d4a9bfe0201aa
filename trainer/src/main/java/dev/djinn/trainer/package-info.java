/**
 * Training: {@link dev.djinn.trainer.TrainingRun} is the loop, {@code AdversarialStep} one update
 * of both networks, {@link dev.djinn.trainer.Settings} everything that decides what they do, and
 * {@link dev.djinn.trainer.RunFolder} what they leave behind.
 */
package dev.djinn.trainer;
