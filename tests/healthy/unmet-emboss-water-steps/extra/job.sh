#!/bin/bash
seqret b.fa stdout -auto 
infoseq missing.fa -auto || echo "infoseq failed (rc $?), list is optional"
water a.fa a.fa w.txt -gapopen 10 -gapextend 0.5 -auto
grep Score w.txt
