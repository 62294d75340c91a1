import os, fiona
from fiona.crs import CRS
p = "out/parcels.geojson"
print("writing", p)
open(p, "a").close()
with fiona.open(p, "w", driver="GeoJSON", crs=CRS.from_epsg(4326), schema={"geometry":"Point","properties":{"id":"int"}}) as d: pass
