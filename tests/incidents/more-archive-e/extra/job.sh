#!/bin/bash
set -e
for i in 1 2 3; do head -c 900000 /dev/urandom > raw$i.bin; done
zip -q s/deposit.zip raw1.bin && echo "1 added"
zip s/deposit.zip raw2.bin raw3.bin
unzip -t s/deposit.zip
