#!/bin/bash
set -e
for f in runinfo/*.xml; do xmllint --noout $f; echo "$f ok"; done
xmlstarlet sel -t -v "count(//spot)" runinfo/r1.xml
