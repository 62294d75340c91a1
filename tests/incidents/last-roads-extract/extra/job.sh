#!/bin/bash
osmium --version | head -n 1
osmium fileinfo area.osm | head -n 6
osmium tags-filter area.osm w/highway -o roads.osm.pbf --overwrite
osmium export roads.osm.pbf -o roads.geojson
grep -c LineString roads.geojson
