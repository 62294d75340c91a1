#!/bin/bash
set -e
gmt begin fig3 pdf
gmt coast -R-10/30/35/60 -JM15c -Bafg -Gtan -Slightblue -W0.25p -Da
gmt basemap -R-10/30/35/60 -JQQ15c -Baf
gmt end
