#!/bin/bash
export PGPASSWORD=labpw
P="psql -h db01.lab.internal -p 5544 -U lab variants"
$P -f refresh.sql
$P -At -c "select count(*) from calls"
