#!/bin/bash
export PGPASSWORD=labpw
psql -h db01.lab.internal -p 5544 -U lab variants -v ON_ERROR_STOP=1 -q -f report.sql > report.txt
rc=$?
echo "report.sql: $rc; $(wc -l < report.txt) lines"
exit $rc
