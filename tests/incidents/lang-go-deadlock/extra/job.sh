#!/bin/bash
go build -o pileup . || exit 1
./pileup 4 > out.txt
rc=$?
echo "pileup ended with $rc, $(wc -l < out.txt) lines"
exit $rc
