#!/bin/bash
set -e
echo "pipeline version 1.8.2"
snakemake -n -q rules > /dev/null || { snakemake --cores 1; exit $?; }
