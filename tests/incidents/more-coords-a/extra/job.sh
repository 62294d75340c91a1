#!/bin/bash
set -e
cut -d, -f2,3 /data/shared/stations.csv | tail -n +2 | tr , ' ' > ll.txt
wc -l ll.txt
cs2cs -f %.2f EPSG:4326 EPSG:32632 < ll.txt > utm.txt
tail -2 utm.txt
cs2cs -f %.2f EPSG:4326 EPSG:99999 < ll.txt > lv.txt
paste utm.txt lv.txt > both.txt
