#!/bin/bash
set -e
echo "[1/2] fetch taxonomy"; cp taxonomy.tsv tax.tmp
echo "[2/2] tree"
ruby tree.rb tax.tmp > tree.nwk
