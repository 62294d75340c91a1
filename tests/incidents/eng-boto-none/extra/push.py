import os
os.environ['AWS_EC2_METADATA_DISABLED']='true'
import boto3
print('uploading results', flush=True)
boto3.client('s3', region_name='eu-west-1').upload_file('push.py', 'lab-results', 'run7/push.py')
