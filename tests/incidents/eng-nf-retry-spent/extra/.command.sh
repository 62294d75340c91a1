#!/bin/bash -ue
bcftools view -Ob -o o.txt calls.vcf
