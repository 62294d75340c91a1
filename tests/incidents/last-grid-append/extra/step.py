import tables
print("tables",tables.__version__)
f=tables.openFile("g.h5",mode="w")
f.createArray("/","a",[1,2])
f.close()
