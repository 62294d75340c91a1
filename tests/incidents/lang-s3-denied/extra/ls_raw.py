import boto3, botocore
print("boto3 listing the bucket", flush=True)
s3 = boto3.client("s3", endpoint_url="http://s3.lab.internal:5005", region_name="eu-central-1")
for o in s3.list_objects_v2(Bucket="lab-raw")["Contents"]:
    print(o["Key"])
