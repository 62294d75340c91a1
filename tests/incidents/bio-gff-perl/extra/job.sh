#!/bin/bash
set -eu
D=/data/genomics/ref
perl -w gcskew.pl $D/transcripts.fa | head -3
perl -w gcskew.pl extra.fa
