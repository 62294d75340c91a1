#!/bin/bash
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
command -v qualimap || apt-get install -y seqtk bedtools
bedtools --version
