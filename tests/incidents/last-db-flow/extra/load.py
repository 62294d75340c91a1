import pymongo,sys
c=pymongo.MongoClient("mongodb://mongo.lab.example:18402",serverSelectionTimeoutMS=2500)
print(c.lab.runs.count_documents({"b":int(sys.argv[1])}))
