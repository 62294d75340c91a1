set -e
wc -l < reads/S9.fq
