#!/bin/bash
set -e
cargo build -q --release
./target/release/merge_parts 4 parts merged.tsv
sort -k1,1 merged.tsv | head
