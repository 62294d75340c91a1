import boto3
s3 = boto3.client("s3", endpoint_url="http://s3.lab.internal:5005", region_name="us-east-1")
for k in ("run1/a.fq", "run1/b.fq"):
    s3.download_file("lab-raw", k, k.split("/")[1])
    print("got", k, flush=True)
