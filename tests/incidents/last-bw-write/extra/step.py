import pyBigWig
b=pyBigWig.open("cov.bw","w")
b.addHeader([("chr1",1000),("chr2",500)])
bins=[(0,10,1.),(10,20,2.),(15,30,3.)]
print("bins:",len(bins))
for s,e,v in sorted(bins,reverse=True):
    b.addEntries(["chr1"],[s],ends=[e],values=[v])
b.close()
