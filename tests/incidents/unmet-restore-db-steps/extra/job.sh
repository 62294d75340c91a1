#!/bin/bash
set -e
echo "restore of cohort2, $(date +%F)"
mariadb cohort2 -e "create or replace table log (t text); insert into log values ('start')"
mariadb cohort2 -e "drop table visits" || echo "no old table, fine"
mariadb cohort2 < dumps/cohort2_2024-05.sql
mariadb cohort2 -e "select count(*) from visits"
