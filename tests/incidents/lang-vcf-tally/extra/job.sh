#!/bin/bash
set -euo pipefail
cargo build -q
for f in calls/*.tsv; do
  echo "tally $f"
  ./target/debug/tally $f
done
echo "all tallied"
