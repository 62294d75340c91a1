#!/bin/bash
lftp -e "set net:max-retries 1; set net:timeout 3; open -p 2121 ftp://data.lab.local; cd pub; get nosuch.tsv || get counts.tsv; bye" && wc -l counts.tsv
