/**
 * How good generated pictures are: {@link dev.djinn.evaluation.Evaluation} compares two sets of
 * pictures by the features that a {@link dev.djinn.evaluation.Classifier} sees in them, {@link
 * dev.djinn.evaluation.Quality} is the answer.
 */
package dev.djinn.evaluation;
