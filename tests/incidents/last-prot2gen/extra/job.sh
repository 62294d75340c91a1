#!/bin/bash
echo "query: $(grep -c '>' q.fa)"
exonerate --model protein2genom --showtargetgff yes q.fa g.fa > hits.gff; r=$?
grep -c exon hits.gff
exit $r
