#!/bin/bash
Rscript f.R; echo "table: $(wc -l < top.csv) lines"
