set -e
echo writing
seq 99999 > /dev/full
