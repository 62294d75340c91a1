#!/bin/bash
set -e
for m in d; do glpsol --math $m.mod -o $m.sol; done
