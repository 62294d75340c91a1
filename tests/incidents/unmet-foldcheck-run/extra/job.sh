#!/bin/bash
set -e
echo "[1] sequences"; seqkit stats in.fa
echo "[2] clean"; seqkit seq -u in.fa > clean.fa
echo "[3] check"; ./foldcheck --db pdb70 clean.fa
echo "[4] report"
