from cuda.bindings import driver as d
print("initialising")
e,=d.cuInit(0)
print("cuInit:",e)
e,n=d.cuDeviceGetCount()
assert n>0
