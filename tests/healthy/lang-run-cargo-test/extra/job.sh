#!/bin/bash
set -e
cargo test 2>&1
cargo build --release -q
./target/release/guard 12
