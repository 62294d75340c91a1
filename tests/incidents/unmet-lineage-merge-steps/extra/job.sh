#!/bin/bash
set -uo pipefail
log() { echo "$(date +%FT%T) $*"; }
log "node $(hostname) limit $(( $(cat /sys/fs/cgroup/memory/job1/memory.limit_in_bytes) / 1048576 )) MiB"
log "stats"; seqkit stats a.fa
log "old outputs"; rm all.csv || true
log "merge"
Rscript merge.R
rc=$?
log "merge exit code $rc"
[ $rc -eq 0 ] && log "compress" && pigz all.csv
exit $rc
