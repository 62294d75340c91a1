#!/bin/bash
mothur "#summary.seqs(fasta=a.fa); unique.seqs(fasta=a.fa); summary.seqs(fasta=a.unique.fa, count=a.count_table)" | tail -n 40
grep -c '>' a.unique.fa
