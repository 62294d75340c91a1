#!/bin/bash
set -e
S=/usr/share/eccodes/samples
cp $S/regular_ll_sfc_grib2.tmpl t.grib
grib_ls -p shortName,level,gridType t.grib
grib_set -s ensembleMembr=4 t.grib m4.grib
grib_ls m4.grib
