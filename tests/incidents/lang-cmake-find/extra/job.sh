#!/bin/bash
set -e
cmake -S src -B build -DCMAKE_BUILD_TYPE=Release
cmake --build build -j2
./build/simulate
