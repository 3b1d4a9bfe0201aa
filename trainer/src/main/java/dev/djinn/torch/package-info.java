/**
 * What DJL's PyTorch engine has no call for (transposed convolution, fused optimisers, gradients as
 * values, second derivatives) runs as TorchScript: {@link dev.djinn.torch.TorchScript} turns source
 * text into a module that DJL loads and calls.
 */
package dev.djinn.torch;
