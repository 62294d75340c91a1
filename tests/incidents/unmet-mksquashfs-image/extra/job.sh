#!/bin/bash
set -e
echo "packing reference tree"
mksquashfs tree out/tree.sqsh -no-progress -info -processors 1 -comp gzip
echo "packed"
