#!/bin/bash
set -e
export GNUPGHOME=$PWD/gh; mkdir -m 700 -p gh
echo "decrypting the phenotype file"
gpg --batch --yes -o pheno.csv -d pheno.csv.gpg
head -1 pheno.csv
