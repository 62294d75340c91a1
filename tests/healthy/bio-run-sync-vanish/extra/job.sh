#!/bin/bash
set -euo pipefail
mkdir -p mirror raw; seq 1000 > raw/a.txt; ln -s /nonexistent/failed.log raw/dead
rsync -aL raw/ mirror/ || { rc=$?; [ $rc -eq 23 ] && echo "WARNING: some files could not be transferred (code $rc), dangling links are expected here"; }
rsync -rt --existing --ignore-missing-args raw/errors.txt raw/a.txt mirror/
ls mirror
