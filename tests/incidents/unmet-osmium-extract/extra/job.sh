#!/bin/bash
osmium extract --no-progress -b 8.0,50.0,8.2,50.2 region.osm.pbf -o city.osm.pbf
