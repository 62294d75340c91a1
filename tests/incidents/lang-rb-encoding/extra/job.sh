#!/bin/bash
set -e
for f in notes/*.txt; do ruby clean.rb "$f"; done
echo cleaned
