#!/bin/bash
Rscript deg.R counts.tsv; r=$?
ls deg.csv; exit $r
