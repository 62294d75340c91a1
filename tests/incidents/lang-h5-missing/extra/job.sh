#!/bin/bash
set -e
python merge_h5.py
