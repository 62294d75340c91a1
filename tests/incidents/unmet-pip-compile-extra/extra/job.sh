#!/bin/bash
pip-compile -q requirements.in -o requirements.txt; rc=$?
echo "lock finished with $rc"; exit $rc
