#!/bin/bash
set -e
./prep.sh
timeout 3 ./anneal.sh
echo "annealed"
