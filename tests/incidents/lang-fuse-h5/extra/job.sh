#!/bin/bash
python reduce.py
rc=$?
rm -f partial.npy
exit $rc
