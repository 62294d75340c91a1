#!/bin/bash
cut -f1 sizes.txt
cooler cload pairs -c1 2 -p1 3 -c2 4 -p2 5 sizes.txt:100 c.pairs c.cool; r=$?
cooler info c.cool | head -n 3; exit $r
