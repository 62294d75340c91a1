#!/bin/bash
echo "fetching plate readouts"
smbclient //plates.example.org/export -N -c "get plate12.csv" || exit 1
wc -l plate12.csv
