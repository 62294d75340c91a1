import geopandas as gpd
w = gpd.read_file(gpd.datasets.get_path("naturalearth_lowres"))
print(w.continent.value_counts())
