#!/bin/bash
for f in jan feb; do echo $f; xmlstarlet sel -t -m //row -v @id -o , -v @v -n $f.xml > $f.csv || bad=1; wc -l < $f.csv; done
cat jan.csv feb.csv > all.csv; wc -l all.csv; exit ${bad:-0}
