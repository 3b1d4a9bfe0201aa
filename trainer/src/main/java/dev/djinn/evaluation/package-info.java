/** How alike two sets of pictures are, by the features that a classifier sees in them. */
package dev.djinn.evaluation;
