#!/bin/bash
set -e
M="mariadb --no-defaults -h 127.0.0.1 -P 3399 -u lab -plabpw cohort"
$M -e "select count(*) as visits from visit"
$M -e "set innodb_lock_wait_timeout=2; update visit set age=age+1 where id=1"
echo updated
