#!/bin/bash
set -e
perl norm.pl table.tsv > norm.tsv
head -3 norm.tsv
