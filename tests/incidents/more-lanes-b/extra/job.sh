#!/bin/bash
set -e
ls vol
for i in 1 2 3 4 5 6; do echo -n "lane$i "; datamash -W count 1 < vol/lane$i.fq; done
