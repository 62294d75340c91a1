#!/bin/bash
echo "image of run 12"
xorriso -as mkisofs -quiet -o /data/scratch/run12.iso d; r=$?
md5sum /data/scratch/run12.iso | cut -c 1-8
exit $r
