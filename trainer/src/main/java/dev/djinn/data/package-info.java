/** Images and labels to train on: readers, embedded and downloaded data sets. */
package dev.djinn.data;
