#!/bin/bash
for i in 1 2 3 4 5 6; do echo "lane $i"; pigz -p 1 -c vol/lane$i.fq > lane$i.gz && pigz -t lane$i.gz || exit 1; done
ls -l *.gz
