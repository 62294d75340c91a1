#!/bin/bash
set -e
python annotate.py
