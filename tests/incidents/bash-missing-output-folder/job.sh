set -e
touch results/qc/done.txt
