import sys, plyvel
print("opening index")
db = plyvel.DB("idx")
db.put(sys.argv[1].encode(), sys.argv[2].encode())
