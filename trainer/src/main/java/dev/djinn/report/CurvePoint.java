package dev.djinn.report;

/**
 * What a run logged at one step. A value that was not measured is {@link Double#NaN}.
 *
 * @param step the step, rising from point to point
 * @param discriminatorLoss loss of the discriminator
 * @param generatorLoss loss of the generator
 * @param discriminatorAccuracy share of real and generated images that the discriminator told
 *     apart, 0 to 1
 */
public record CurvePoint(
    long step, double discriminatorLoss, double generatorLoss, double discriminatorAccuracy) {}
