#!/bin/bash
set -euo pipefail
vcftools --vcf calls.vcf --freq --out af
vcftools --vcf calls.vcf --het --out het
head -3 af.frq
