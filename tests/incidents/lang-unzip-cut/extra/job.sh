#!/bin/bash
set -e
for z in batch1.zip batch2.zip; do unzip -q -o $z -d raw; echo "$z unpacked"; done
ls raw | wc -l
