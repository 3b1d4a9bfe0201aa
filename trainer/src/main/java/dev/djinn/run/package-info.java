/**
 * What a run stands on and what it keeps: {@link dev.djinn.run.Presets} ships settings, {@link
 * dev.djinn.run.TorchEngine} is the device, {@link dev.djinn.run.RunFolder} the folder, {@link
 * dev.djinn.run.Checkpoint} a state in it and {@link dev.djinn.run.SafeTensors} the form of its
 * arrays.
 */
package dev.djinn.run;
