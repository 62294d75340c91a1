#!/bin/bash
cp ref.fa local.fa
mothur "#summary.seqs(fasta=local.fa)" > s.log; grep -c Mean s.log
cd /data/share; genome=big.fa
gt seqstat $genome; r=$?
echo "seqstat exit $r"; exit $r
