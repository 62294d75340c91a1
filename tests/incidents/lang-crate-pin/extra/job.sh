#!/bin/bash
echo "[$(hostname)] building kmer index tool"
cargo --version
cargo build --release
./target/release/kidx reads.fa
