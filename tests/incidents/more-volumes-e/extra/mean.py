import sys
b=open(sys.argv[1],"rb").read()
print("bytes",len(b))
print("mean",sum(b)/len(bs))
