#!/bin/bash
set -e
perl convert.pl in.tsv > out.tsv 2> convert.err; rc=$?
cat convert.err
echo "exit $rc, $(wc -l < out.tsv) records"
