#!/bin/bash
cd /data/share
for f in p1 p2; do xmlstarlet val -q $f.xml && echo "$f fine"; done
cp p2.xml /data/proj/copy.xml; r=$?
ls -l /data/proj/copy.xml | awk '{print $5}'; exit $r
