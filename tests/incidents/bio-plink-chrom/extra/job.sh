#!/bin/bash
set -euo pipefail
zcat -f scaff.vcf | grep -vc '^#'
plink1.9 --vcf scaff.vcf --double-id --make-bed --out wheat
plink1.9 --bfile wheat --freq --out wheat
