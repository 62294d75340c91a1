#!/bin/bash
set -euo pipefail
apt-cache policy bedtools | sed -n 1,3p
apt-get install -y --no-install-recommends bedtools=2.31.1+dfsg-2 seqtk
bedtools --version
