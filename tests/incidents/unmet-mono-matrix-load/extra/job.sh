#!/bin/bash
set -e
echo "import of plate reader data"
mono --version | head -n 1
mono m.exe
