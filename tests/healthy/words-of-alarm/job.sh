echo "ERROR rate 0.01"
echo "out of memory: never, peak 200 MB"
echo "Permission denied: 0 files"
echo "Segmentation fault tolerance: high"
