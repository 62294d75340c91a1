#!/bin/bash
set -e
echo "exporting visits"
mariadb -h localhost -u cohort -pold_pw cohort -e 'select count(*) from visits'
