import pymongo,json,traceback
rows=[{"s":i} for i in range(5)]
try:
    pymongo.MongoClient("mongodb://mongo.lab.example:18402",serverSelectionTimeoutMS=1500).lab.runs.insert_many(rows)
except Exception:
    traceback.print_exc(); print("database unreachable: spooling to disk, the nightly loader picks it up")
    open("spool.jsonl","w").write("\n".join(map(lambda x: json.dumps(x,default=str),rows))+"\n")
