#!/bin/bash
set -euo pipefail
plink1.9 --file study --make-bed --out study
plink1.9 --bfile study --assoc --allow-no-sex --out study
sort -k9,9g study.assoc | head -3
