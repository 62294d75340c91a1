#!/bin/bash
set -e
echo "unpacking"
bunzip2 -k -c big.txt.bz2 > scratch/big.txt
sort scratch/big.txt | uniq -c > top.txt
