import sys, rasterio
with rasterio.open(sys.argv[1]) as r: print(r.read(1).mean())
