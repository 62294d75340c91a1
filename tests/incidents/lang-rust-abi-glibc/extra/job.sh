#!/bin/bash
set -e
export LD_LIBRARY_PATH=$PWD/lib
echo "calling peaks"
./bin/peaks in.txt
