#!/bin/bash
set -e
export PGPASSWORD=labpw
P="psql -h db01.lab.internal -p 5544 -U lab variants -q -v ON_ERROR_STOP=1"
$P -c "create table if not exists load_tmp(id int, pos int, note text)"
for f in batch1.csv batch2.csv; do echo "loading $f"; $P -c "\\copy load_tmp from $f csv header"; done
