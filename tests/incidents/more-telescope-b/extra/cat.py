from astropy.utils.data import download_file
print("fetching catalogue")
p = download_file("http://catalogs.example.org/gaia/dr3_sub.fits", cache=True, timeout=5)
print(p)
