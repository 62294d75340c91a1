#!/bin/bash
echo "variants: $(grep -vc '^#' v.vcf)"
java -Xmx200m -jar /usr/share/java/snpsift.jar filter "( QUAL >= 30 ) & ( DP > 10 )" v.vcf > f.vcf
grep -vc '^#' f.vcf
