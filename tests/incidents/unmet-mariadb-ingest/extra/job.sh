#!/bin/bash
set -e
mariadb ing -e "insert into r select seq, repeat('x',60) from seq_1_to_2000"
echo "rows loaded: batch 1"
mariadb ing -e "insert into r select seq, repeat('x',60) from seq_1_to_400000"
echo "rows loaded: batch 2"
