#!/bin/bash
python simulate.py 2>&1
rc=$?
ls ckpt | wc -l
python summarise.py
exit $rc
