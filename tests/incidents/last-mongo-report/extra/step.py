import pymongo
c=pymongo.MongoClient("mongodb://mongo.lab.example:18402",serverSelectionTimeoutMS=2000,connect=False)
runs=c["lab"]["runs"]
print("collection:",runs.name)
print("failed runs:", runs.find({"ok":False}).count())
