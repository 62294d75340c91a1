#!/bin/bash
trap '' XFSZ
set -e
ls -l run.bam.part
lz4 -q run.bam.part run.lz4
