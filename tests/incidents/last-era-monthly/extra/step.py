import cdsapi
print("requesting t2m 2019")
c=cdsapi.Client()
c.retrieve("reanalysis-era5-single-levels-monthly-means",{"variable":"t2m","year":"2019"},"t2m.nc")
