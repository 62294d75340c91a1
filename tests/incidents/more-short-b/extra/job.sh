#!/bin/bash
bowtie-build -q /data/shared/ref.fa idx || exit 1
bowtie -p 1 -v 1 -S idx -q /data/shared/reads.fq s/a.sam; rc=$?
df -h s | tail -1
exit $rc
