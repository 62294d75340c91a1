#!/bin/bash
set -e
perl filter.pl 20 < quals.txt > kept.txt
echo "kept $(wc -l < kept.txt)"
