#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
exec 200<>run.lock
flock -w 2 200 || { echo "another instance (pid $(cat run.lock)) holds run.lock, giving up" >&2; exit 75; }
echo $$ > run.lock
bcftools stats $D/cohort.vcf > cohort.stats
