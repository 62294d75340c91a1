#!/bin/bash
set -euo pipefail
export CPL_CURL_VERBOSE=NO GDAL_DISABLE_READDIR_ON_OPEN=YES CPL_DEBUG=HTTP
ogrinfo --version
gdal_translate -projwin 7 47 7.5 46.5 /vsicurl/http://127.0.0.1:8090/embargo/soil/soil_250m.tif soil.tif
gdalinfo -stats soil.tif
