#!/bin/bash
set -e
hg --version -q
hg clone http://data.lab.local:8089/503/models wc
cd wc && hg update stable
