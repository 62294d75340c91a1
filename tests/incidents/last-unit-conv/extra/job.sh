#!/bin/bash
udunits2 -H 'hPa' -W 'Pa'
udunits2 -H 'kg m-2 s-1' -W 'mm day-2x'; r=$?
echo "exit $r"; [ $r -eq 0 ] || exit 1
