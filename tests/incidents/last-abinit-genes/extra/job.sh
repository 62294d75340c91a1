#!/bin/bash
echo "masking: none"
augustus --species=aquila_chrysaetos2 --gff3=on g.fa > g.gff3; r=$?
grep -c $'\tgene\t' g.gff3
exit $r
