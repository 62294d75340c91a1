#!/bin/bash
set -euo pipefail
export COSMIC_TOKEN=abc
curl_opts="--header=Authorization:Basic\ $COSMIC_TOKEN"
echo "fetching signatures"
wget -q -S --header="Authorization: Basic $COSMIC_TOKEN" -O sig.tsv http://127.0.0.1:8090/members/cosmic/SBS.tsv
head -1 sig.tsv
