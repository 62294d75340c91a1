#!/bin/bash
set -e
echo "building"; go build -o agg .
./agg samples.txt
