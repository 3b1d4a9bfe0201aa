# Sourced by the scripts that run PyTorch beside Djinn: finds it and gives it its best.
# Sets python, and peer, the settings of its environment. Needs Debian's python3-torch and
# libopenblas0-openmp (without it PyTorch runs on a reference BLAS).
# shellcheck shell=bash

python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch' 2>/dev/null || {
  echo "${0##*/}: $python has no torch; apt-get install python3-torch libopenblas0-openmp, or set PYTHON" >&2
  exit 1
}
# Both sides' OpenMP threads sleep at barriers; spinning ones stand still when anything else runs.
export OMP_WAIT_POLICY=PASSIVE

# OpenBLAS on OpenMP, PyTorch's own threads; and the kernels for AVX-512 where OpenBLAS does not know
# the processor and falls back to those of a Prescott, of 2004.
openmp=/usr/lib/x86_64-linux-gnu/openblas-openmp
peer=()
[ ! -d "$openmp" ] || peer+=("LD_LIBRARY_PATH=$openmp${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}")
kernels() { env "${peer[@]}" OPENBLAS_VERBOSE=2 "$python" -c 'import torch' 2>&1 | sed -n 's/^Core: *//p' | tail -n 1; }
if [ "$(kernels)" = Prescott ] && grep -qw avx512f /proc/cpuinfo; then
  peer+=(OPENBLAS_CORETYPE=SkylakeX)
fi
echo "PyTorch's kernels: OpenBLAS for $(kernels | grep . || echo 'an unnamed processor'); set for it: ${peer[*]:-nothing}"
