#!/bin/bash
set -euo pipefail
export GNUPGHOME=$PWD/gnupg
sha256sum genotypes.tsv.gpg | cut -c1-12
gpg --batch --decrypt -o genotypes.tsv genotypes.tsv.gpg
cut -f1 genotypes.tsv | sort -u | wc -l
