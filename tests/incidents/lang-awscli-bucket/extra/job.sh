#!/bin/bash
set -e
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_DEFAULT_REGION=us-east-1
echo hello > manifest.txt
aws --endpoint-url http://s3.lab.internal:5005 s3 cp s3://lab-panels-2023/panel.bed .
sort panel.bed
