import pymongo,json,sys
print("pymongo",pymongo.version)
c=pymongo.MongoClient("mongodb://mongo.lab.example:18402",serverSelectionTimeoutMS=3000)
rows=[{"s":i} for i in range(500)]
print(len(rows),"records prepared")
c.lab.runs.insert_many(rows)
print("loaded")
