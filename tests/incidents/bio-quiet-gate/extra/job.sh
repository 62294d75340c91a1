#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do
  featureCounts -p -T 1 -a $D/genes.gtf -o $s.txt $D/$s.bam 2> $s.fc.log
  echo "$s counted"
done
join <(cut -f1,7 S1.txt | sort) <(cut -f1,7 S2.txt | sort) > m.txt
bash checks/consistency.sh m.txt >/dev/null 2>&1
echo "matrix ready"
