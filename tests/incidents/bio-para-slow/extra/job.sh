#!/bin/bash
set -eo pipefail
D=/data/genomics/ref
export D
ls $D/S?.bam | parallel --will-cite -j 2 --timeout 3 'echo "depth {/}"; samtools depth -a {} | awk "{s+=\$3}END{print s/NR}"; [ {/} = S2.bam ] && sleep 30; echo "done {/}"'
echo "all depths done"
