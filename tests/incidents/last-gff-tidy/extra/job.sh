#!/bin/bash
grep -vc '^#' ann.gff3
gt gff3 -sort -tidy no -retainids ann.gff3 > ann.sorted.gff3 && gt stat ann.sorted.gff3
r=$?; ls -l ann.sorted.gff3 | awk '{print $5}'; exit $r
