#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seqtk seq -A $D/S1_R1.fastq | sed 's#/1.*#;size=3#' | awk 'NR<=400' > d.fa
vsearch --fastq_stats $D/S1_R1.fastq --log s.log
vsearch --uchime_denovo d.fa --nonchimeras ok.fa --chimeras bad.fa
printf '>ambig bad\nACGTXXQZACGTACGTACGTACGTACGTACGTACGT\n' >> d.fa; vsearch --derep_fulllength d.fa --output u.fa
