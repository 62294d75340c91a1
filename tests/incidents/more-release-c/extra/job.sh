#!/bin/bash
set -e
export CONAN_HOME=$PWD/.conan
conan profile detect --force >/dev/null 2>&1
for v in 1.0 2.0; do conan export zl --version=$v >/dev/null 2>&1; done
conan export hdf --version=1.0 >/dev/null 2>&1; conan export net --version=1.0 >/dev/null 2>&1
conan install app
