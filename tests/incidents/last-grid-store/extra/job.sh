#!/bin/bash
python3 store.py; r=$?
du -sk /data/scratch/grid.zarr | cut -f 1
exit $r
