#!/bin/bash
set -e
python tiles.py
