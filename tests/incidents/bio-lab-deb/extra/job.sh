#!/bin/bash
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
dpkg-deb -I labtools_2.1_all.deb | grep -E 'Package|Version'
apt-get install -y -s ./labtools_2.1_all.deb > plan.txt || { rc=$?; cat plan.txt; exit $rc; }
grep -c Inst plan.txt
