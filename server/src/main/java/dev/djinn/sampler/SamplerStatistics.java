package dev.djinn.sampler;

import java.util.SortedMap;

/**
 * What a sampler has done since it was opened, and what it is doing.
 *
 * @param requests that a worker began
 * @param rows that ran
 * @param batches that ran
 * @param batchSizes by rows in a batch, how many batches had them
 * @param waitNanos the requests' time in the queue, summed
 * @param runNanos the batches' time in the model, copying included, summed
 * @param rejected requests refused because the queue was full
 * @param timedOut requests that no worker took in time
 * @param waitingRows rows in the queue now
 * @param runningBatches batches that run now
 */
public record SamplerStatistics(
    long requests,
    long rows,
    long batches,
    SortedMap<Integer, Long> batchSizes,
    long waitNanos,
    long runNanos,
    long rejected,
    long timedOut,
    long waitingRows,
    int runningBatches) {}
