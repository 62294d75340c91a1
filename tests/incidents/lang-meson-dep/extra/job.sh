#!/bin/bash
set -e
meson setup build --buildtype=release
ninja -C build
./build/segment img.pgm
