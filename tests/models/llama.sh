#!/usr/bin/env bash
# A real model server for the tests: llama-cpp-python, built once from its source package into a cache folder.
#   llama.sh            builds it if it is not there (some minutes of two processors) and prints its Python
#   llama.sh ready      prints its Python, or ends with 1 where it is not built
#   llama.sh compiler   installs a C++ compiler where there is none: before the rest is done beside other use of apt
set -euo pipefail

VERSION=0.3.36
FOLDER=${HEAL_TESTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/heal-tests}/llama-$VERSION
PYTHON=$FOLDER/bin/python

ready() { [ -e "$FOLDER/.built" ] && "$PYTHON" -c 'import llama_cpp, gguf' 2>/dev/null; }

compiler() {
  command -v g++ >/dev/null || { apt-get update -q && apt-get install -y -q g++; } >&2 ||
    { echo "llama.cpp needs a C++ compiler, and none can be installed here: install g++" >&2; exit 1; }
}

build() {
  compiler
  python3 -m venv --clear "$FOLDER"
  # What the tests do not use is not compiled, or as an empty file where it must be installed with the rest. The model is
  # tiny, so quick to build comes before quick to run: all but the arithmetic is not optimised.
  launcher=$FOLDER/compile
  cat >"$launcher" <<'LAUNCHER'
#!/bin/sh
case "$*" in
*/llama.dir/*) exec "$@" -O0 ;;
*/llama-common.dir/* | */cpp-httplib.dir/*)
  for word; do
    shift
    case $word in *.cpp) set -- "$@" -x c++ /dev/null ;; *) set -- "$@" "$word" ;; esac
  done ;;
esac
exec "$@"
LAUNCHER
  chmod +x "$launcher"
  export CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_LLAMAFILE=OFF -DGGML_CPU_REPACK=OFF -DLLAMA_CURL=OFF -DMTMD=OFF -DLLAVA_BUILD=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF -DGGML_OPENMP=OFF \
    -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
    -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher"
  export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-2}
  "$PYTHON" -m pip install --quiet --upgrade pip >&2
  "$PYTHON" -m pip install --quiet "llama-cpp-python[server]==$VERSION" gguf numpy >&2
  touch "$FOLDER/.built"
}

mkdir -p "$FOLDER"
if [ "${1:-}" = ready ]; then
  ready && echo "$PYTHON"
  exit
fi
if [ "${1:-}" = compiler ]; then
  ready || compiler
  exit
fi
exec 9>"$FOLDER.lock"
flock 9
ready || build
ready || { echo "llama-cpp-python was built, and cannot be imported: $FOLDER" >&2; exit 1; }
echo "$PYTHON"
