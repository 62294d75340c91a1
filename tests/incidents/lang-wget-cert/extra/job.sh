#!/bin/bash
set -e
wget -nv https://files.lab.internal:8443/ok/panel.bed
sort -k1,1 -k2,2n panel.bed > panel.sorted.bed
