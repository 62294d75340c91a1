#!/bin/bash
set -e
echo "packing into $(df -h s | tail -1 | tr -s ' ' | cut -d' ' -f2) scratch"
for i in 1 2 3 4 5 6; do head -c 700000 /dev/urandom | pigz -p 2 -c > s/b$i.gz; done
ls -l s
