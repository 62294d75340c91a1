#!/bin/bash
set -e
spatialite_tool -i -shp plots_2024 -d survey.sqlite -t plots -c UTF-8 -s 25832
spatialite survey.sqlite "SELECT count(*), sum(Area(geometry)) FROM plots;"
