#!/bin/bash
set -e
Rscript -e 'cat(R.version.string, "\n"); sessionInfo()' | head -n 8
Rscript load.R
