#!/bin/bash
ncftpget -V -t 5 -r 1 -P 2121 data.lab.local in /pub/counts.tsv && echo got 1
ncftpget -V -t 5 -r 1 -P 2121 data.lab.local in /pub/phenotype.tsv || exit $?
