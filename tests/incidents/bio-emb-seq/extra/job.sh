#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
transeq -auto -sequence $D/transcripts.fa -outseq tx.pep
pepstats -auto -sequence tx.pepp -outfile tx.pepstats
grep -c PEPSTATS tx.pepstats
