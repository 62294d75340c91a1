#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
PicardCommandLine SortSam I=$D/S1.bam O=S1.qn.bam SO=queryname MAX_RECORDS_IN_RAM=500 TMP_DIR=scratch
PicardCommandLine FastqToSam F1=$D/S1_R1.fastq O=u.bam SM=S1
