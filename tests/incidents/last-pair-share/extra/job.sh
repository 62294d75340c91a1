#!/bin/bash
python3 rd.py; r=$?
echo "reader: $r"; exit $r
