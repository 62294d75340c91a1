#!/bin/bash
cp /data/shared/counts.tsv .
zip -r deposit.zip counts.tsv logs_old error_reports 2>&1
zip -T deposit.zip
echo "deposit checked"
