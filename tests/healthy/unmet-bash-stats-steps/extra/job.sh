#!/bin/bash
module load seqkit/2.3
rm old_*.fa
samtol --version
cat missing_optional.cfg
grep -c ERROR /nonexistent/log
seqkit stats a.fa
seqkit fx2tab -n -l a.fa
