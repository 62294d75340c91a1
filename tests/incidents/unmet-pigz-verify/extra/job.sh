#!/bin/bash
set -e
for f in a.gz b.gz; do pigz -p1 -t $f; echo "$f ok"; done
