#!/bin/bash
set -e
export PGPASSWORD=labpw
psql -h db01.lab.internal -p 5544 -U lab variants -At -c "select count(*) from calls"
psql -h db01.lab.internal -p 5544 -U lab variants -v ON_ERROR_STOP=1 -f etl.sql
echo "etl finished"
