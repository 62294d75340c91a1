set -e
echo aligning
hisat2x -x idx -U r.fq > o.sam
