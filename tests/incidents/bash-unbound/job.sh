set -eu
echo start
echo "sample $SAMPLE"
