/**
 * Many runs of one recipe under settings that vary: {@link dev.djinn.trainer.sweep.Sweep} trains
 * them, {@code SweepPlan} says which and how far, {@link dev.djinn.trainer.sweep.SweepTable} which
 * was best.
 */
package dev.djinn.trainer.sweep;
