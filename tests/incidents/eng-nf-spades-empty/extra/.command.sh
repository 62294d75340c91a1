#!/bin/bash -ue
spades.py --only-assembler -t 1 -m 2 -s r.fq -o asm && cp asm/contigs.fasta o.txt
