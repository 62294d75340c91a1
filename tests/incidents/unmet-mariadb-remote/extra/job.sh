#!/bin/bash
for i in 1 2 3; do
  mariadb -h 127.0.0.1 -P 3399 --connect-timeout=3 -u reader lims -e 'select 1' && exit 0
  echo "attempt $i of 3 failed, waiting"; sleep 1
done
exit 1
