#!/bin/bash
set -e
npm install --silent 2>&1
node report.js data.csv > report.html
ls -l report.html
