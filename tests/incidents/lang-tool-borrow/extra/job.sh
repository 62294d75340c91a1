#!/bin/bash
set -e
cd filter
cargo build --release
cd ..
./filter/target/release/filter < reads.txt > kept.txt
wc -l kept.txt
