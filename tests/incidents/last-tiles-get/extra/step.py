import fsspec
fs=fsspec.filesystem("http")
for t in ("t_01","t_02"):
    print("tile",t,flush=True)
    fs.get(f"http://data.lab.example:18314/tiles/{t}.tif",f"{t}.tif")
