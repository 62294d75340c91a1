#!/bin/bash
set -e
seqkit stats OG0000012.fa
mafft --auto --thread 1 OG0000012.fa > OG0000012.aln 
mafft --auto --thread 1 --add OG0000012.new.fa OG0000012.aln > OG0000012.add.aln
seqkit stats OG0000012.add.aln
