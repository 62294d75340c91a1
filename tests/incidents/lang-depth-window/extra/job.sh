#!/bin/bash
set -e
echo "== building depthwin"
cargo build --release 2>&1
echo "== windows"
./target/release/depthwin depth.tsv 50
