/** The trainer's commands: each parses into the trainer's own records and calls one method. */
package dev.djinn.trainer.cli;
