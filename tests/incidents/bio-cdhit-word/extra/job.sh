#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
cd-hit -i $D/proteins.fa -o nr90 -c 0.9 -n 5 -M 400 -T 1
cd-hit -i nr90 -o nr40 -c 0.4 -n 5 -M 400 -T 1
grep -c '>' nr40
