#!/bin/bash
mariadb rep -e "set statement max_statement_time=4 for select count(*) from t a, t b, t c where a.a+b.a+c.a=77" || { echo "report not made" >&2; exit 1; }
