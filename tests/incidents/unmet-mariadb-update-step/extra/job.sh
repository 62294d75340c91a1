#!/bin/bash
set -e
mariadb lk -e "set innodb_lock_wait_timeout=4; update s set v=v+1 where id=1"
echo updated
