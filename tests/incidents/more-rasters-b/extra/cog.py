import rasterio
print("opening tile")
with rasterio.open("/vsicurl/http://data.lab.local:8089/503/tile.tif") as r: print(r.shape)
