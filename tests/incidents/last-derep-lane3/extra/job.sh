#!/bin/bash
ulimit -v 900000
echo "lane 3"; seqkit version
seqkit stats lane3.fa -T | cut -f 1-5
seqkit sort -l lane3.fa -o lane3.sorted.fa 2> sort.err; r=$?
head -n 12 sort.err; ls -l lane3.sorted.fa; exit $r
