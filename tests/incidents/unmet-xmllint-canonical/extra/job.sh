#!/bin/bash
set -e
ls -l t.xml | awk '{print $5, $9}'
xmllint --huge --c14n t.xml > t.c14n
echo done
