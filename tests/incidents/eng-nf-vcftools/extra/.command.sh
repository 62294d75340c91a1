#!/bin/bash -ue
vcftools --vcf calls.vcf --freq --out f; mv f.frq o.txt
