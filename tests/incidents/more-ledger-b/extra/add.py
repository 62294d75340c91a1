import sys, ZODB, transaction
print("adding", sys.argv[1])
db = ZODB.DB("samples.fs")
c = db.open(); c.root()[sys.argv[1]] = 1; transaction.commit()
print("stored")
