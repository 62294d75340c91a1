import geopandas as gpd
p = gpd.read_file("plots.shp")
print(len(p))
