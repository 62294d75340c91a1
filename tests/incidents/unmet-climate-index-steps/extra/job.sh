#!/bin/bash
set -e
echo "--- info"; cdo sinfon d.nc
echo "--- yearly max"; cdo -v yearmax d.nc ymax.nc
echo "--- warm days"; cdo gtc,280.5 -selname,tasmax d.nc wd.nc
echo "--- tropical nights"; cdo gtc,280.5 -selname,tasmin d.nc tn.nc
cdo -O merge wd.nc tn.nc idx.nc
