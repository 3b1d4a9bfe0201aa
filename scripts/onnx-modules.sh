# shellcheck shell=bash
# ONNX Runtime for Node and for WebAssembly, fetched from npm once, for try-anywhere and bench-web,
# which source this with $root and fail; sets $modules.
command -v node >/dev/null && command -v npm >/dev/null || fail "needs node and npm (Debian: apt-get install nodejs npm)"
modules=$root/target/try-anywhere/node_modules
if [ ! -d "$modules/onnxruntime-node" ] || [ ! -d "$modules/onnxruntime-web" ]; then
  mkdir -p "$modules"
  # Without install scripts: the CPU library is in the package, the script would fetch CUDA's.
  npm install --prefix "$root/target/try-anywhere" --ignore-scripts --no-audit --no-fund --silent \
    onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 >&2
fi
