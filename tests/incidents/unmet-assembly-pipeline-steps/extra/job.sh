#!/bin/bash
set -e
log() { echo "[$(date +%T)] $*"; }
log "qc"; seqkit stats -a r.fq; seqtk fqchk r.fq | head -n 6
log "trim"; sickle se -f r.fq -t sanger -o t.fq -q 20
log "assemble"; velveth asm 31 -fastq -short t.fq | tail -n 4; velvetg asm -cov_cutoff 4 | tail -n 5
log "check"
for f in asm/contigs.fa asm/stats.txt; do
  [ -s $f ] || { log "ERROR: expected output $f is missing or empty"; exit 1; }
done
log "annotate"; prodigal -i asm/contigs.fa -a p.faa -p meta
