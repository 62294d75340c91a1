#!/bin/bash
set -e
echo "warning: no locale file, C is used" >&2
mlr -n put 'end{for(i=0;i<5;i+=1){print i}}'
head -c 900000 /dev/urandom > all.txt
lzip -k -c all.txt > s/all.lz
echo "rows written"
