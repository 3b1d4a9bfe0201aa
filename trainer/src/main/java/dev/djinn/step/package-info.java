/**
 * One update of both networks: {@link dev.djinn.step.AdversarialStep} is the update from top to
 * bottom; {@link dev.djinn.step.TrainingState} holds what it changes and {@link
 * dev.djinn.step.TrainingData} what it learns from.
 */
package dev.djinn.step;
