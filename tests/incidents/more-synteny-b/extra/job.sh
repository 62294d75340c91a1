#!/bin/bash
lastz --version 2>&1 | head -1
lastz /data/shared/ref.fa[multiple] /data/shared/ref.fa --format=general:name1,start1,name2,idenity > o.tab || { echo "no alignment table"; exit 1; }
