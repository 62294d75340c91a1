#!/bin/bash
set -e
scons -j1
echo "all flashed"
