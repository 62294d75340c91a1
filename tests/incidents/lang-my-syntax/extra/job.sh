#!/bin/bash
set -e
M="mariadb --no-defaults -h 127.0.0.1 -P 3399 -u lab -plabpw cohort"
$M < build_view.sql
$M -B -e "select * from adult" > adult.tsv
