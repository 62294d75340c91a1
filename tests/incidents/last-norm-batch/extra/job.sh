#!/bin/bash
Rscript norm.R > norm.out 2>/dev/null; r=$?
cat norm.out; echo "normalisation: exit $r"; exit $r
