#!/bin/bash
set -euo pipefail
mkdir -p archives/partial
echo "staging packages"
apt-get -o Dir::Cache::archives=$PWD/archives -o DPkg::Lock::Timeout=3 install --reinstall --download-only -y jq seqtk
ls archives/*.deb
