import s3fs
fs=s3fs.S3FileSystem(key="AKLAB2021",secret="x"*20,client_kwargs={"endpoint_url":"http://s3.lab.example:18311"})
for f in ("a.csv","b.csv"):
    print("put",f); fs.put(f,"lab-results/run9/"+f)
print("all pushed")
