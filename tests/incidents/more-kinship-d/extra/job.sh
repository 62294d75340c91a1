#!/bin/bash
swipl --version
swipl -q -g main rel.pl > rel.txt
rc=$?; wc -l rel.txt; exit $rc
