#!/bin/bash
ulimit -v 45000
echo "indexing genome"; lastdb -P1 gdb big.fa; r=$?
lastal gdb q.fa > q.maf; wc -l q.maf
exit $r
