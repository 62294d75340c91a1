#!/bin/bash
osmium fileinfo -e area.osm | head -n 8
osmium tags-filter area.osm w/highway -o roads.osm.pbf --overwrite
osmium fileinfo roads.osm.pbf | grep Size
