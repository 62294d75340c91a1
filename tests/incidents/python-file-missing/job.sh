set -e
echo reading
python3 -c "open('counts/S3.tsv')"
