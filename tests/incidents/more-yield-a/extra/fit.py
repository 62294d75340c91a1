import sys,json
n=sum(1 for _ in open(sys.argv[1]))
json.dump({"n":n},open("modell.json","w"))
print("fitted on",n,"rows")
