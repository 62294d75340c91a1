#!/bin/bash
set -e
php summarise.php counts.json > summary.txt
cat summary.txt
