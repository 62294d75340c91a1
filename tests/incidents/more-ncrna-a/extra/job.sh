#!/bin/bash
set -e
head -c 700 /data/shared/ref.fa > x.cm
cmstat -h | head -3
cmsearch --cpu 0 --tblout hits.tbl x.cm /data/shared/ref.fa
