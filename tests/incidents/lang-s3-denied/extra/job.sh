#!/bin/bash
set -e
python ls_raw.py
