#!/bin/bash
ls -l *.fits | awk '{print $5,$NF}'
source-extractor field07.fits -c field.sex
wc -l field07.cat
test -s field07.cat
