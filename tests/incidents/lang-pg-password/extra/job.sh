#!/bin/bash
set -e
export PGPASSWORD=$(cat db.pass)
psql -h db01.lab.internal -p 5544 -U lab variants -c "\\copy (select * from calls where chrom='chr7') to chr7.csv csv"
wc -l chr7.csv
