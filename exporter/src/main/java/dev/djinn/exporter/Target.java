package dev.djinn.exporter;

import dev.djinn.graph.pass.Optimization;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Where a file is to run, which decides the rewrites. Every file runs everywhere. */
public enum Target {
  /**
   * ONNX Runtime on CPUs: every rewrite but {@link Optimization#DECONVOLUTION_PHASES}, which loses
   * there, since its transposed convolution is faster than the padded channels of a narrow one, and
   * {@link Optimization#WIDE_DECONVOLUTION_PHASES}, which is for eight bits.
   */
  SERVER(
      EnumSet.complementOf(
          EnumSet.of(Optimization.DECONVOLUTION_PHASES, Optimization.WIDE_DECONVOLUTION_PHASES))),
  /**
   * ONNX Runtime in WebAssembly: those of {@link #SERVER} but {@link
   * Optimization#UNIT_STRIDE_DECONVOLUTION}, whose convolution is no faster there than the
   * transposed one. {@code scripts/bench-web} measures it.
   */
  WEB(
      EnumSet.complementOf(
          EnumSet.of(
              Optimization.UNIT_STRIDE_DECONVOLUTION,
              Optimization.DECONVOLUTION_PHASES,
              Optimization.WIDE_DECONVOLUTION_PHASES))),
  /** The layers one by one, as they were trained. */
  PLAIN(EnumSet.noneOf(Optimization.class));

  @SuppressWarnings("ImmutableEnumChecker") // never changed after the constructor
  private final Set<Optimization> optimizations;

  Target(Set<Optimization> optimizations) {
    this.optimizations = Collections.unmodifiableSet(optimizations);
  }

  /** Returns the rewrites that are made for this target. */
  public Set<Optimization> optimizations() {
    return optimizations;
  }
}
