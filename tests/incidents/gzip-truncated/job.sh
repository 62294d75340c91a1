set -o pipefail
seq 90000 | gzip | head -c 9000 > r.fq.gz
echo counting
gzip -dc r.fq.gz | wc -l
