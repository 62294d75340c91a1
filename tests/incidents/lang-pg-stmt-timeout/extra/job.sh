#!/bin/bash
set -e
export PGPASSWORD=labpw PGOPTIONS="-c statement_timeout=2500"
P="psql -h db01.lab.internal -p 5544 -U lab variants -At -v ON_ERROR_STOP=1"
$P -c "select count(*) from calls"
$P -c "select count(*) from calls a join calls b on a.chrom = b.chrom and abs(a.pos - b.pos) < 50"
echo pairs counted
