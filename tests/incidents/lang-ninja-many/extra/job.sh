#!/bin/bash
python3 gen.py 40
ninja -j2 -k 3
rc=$?
echo "finished chunks: $(ls chunk_*.out | wc -l) of 40"
exit $rc
